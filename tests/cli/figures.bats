#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# savings and perf where there is nothing to read or no sense in the line; with a ledger: tests/proxy/figures.test.mjs.

load helper

@test "savings and perf say that nothing was recorded yet" {
	for command in savings perf; do
		capture headroom $command
		same "$status:$output" "3:"
		has "$error" "no request was recorded yet"
		has "$error" ".headroom/store.db"
		capture headroom $command --store elsewhere.db --json
		same "$status" 3
		has "$error" "elsewhere.db"
	done
}

@test "savings and perf refuse what makes no sense" {
	capture headroom savings --json --csv
	same "$status" 2
	has "$error" "exclude each other"
	capture headroom savings --by colour
	same "$status" 2
	capture headroom savings --limit -1
	same "$status" 2
	for command in savings perf; do
		capture headroom $command --since soon
		same "$status" 2
		has "$error" "--since: 'soon' is no date"
		capture headroom $command --until later
		same "$status" 2
	done
	capture headroom perf --check fast
	same "$status" 2
}
