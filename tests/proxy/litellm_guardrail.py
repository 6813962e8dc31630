"""LiteLLM's guardrail, once: reads messages from a file, prints what it makes of them, and what it gets for the hash that it was told.
Called by litellm.test.mjs; HEADROOM_API_BASE and HEADROOM_API_KEY say where headroom is."""

import asyncio
import json
import sys

from litellm.proxy.guardrails.guardrail_hooks.headroom.headroom import HeadroomGuardrail
from litellm.types.proxy.guardrails.guardrail_hooks.headroom import HEADROOM_REQUEST_CONTEXT_KEY


async def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as f:
        messages = json.load(f)
    guardrail = HeadroomGuardrail(guardrail_name="headroom", default_on=True)
    request = {"model": "gpt-4o", "messages": messages, "metadata": {}}
    out = await guardrail.apply_guardrail({"structured_messages": messages}, request, "request")
    hashes = request[HEADROOM_REQUEST_CONTEXT_KEY].issued_hashes
    original = await guardrail._call_retrieve(next(iter(hashes)), None)
    tools = [tool["function"]["name"] for tool in out["tools"]]
    print(json.dumps({"messages": out["structured_messages"], "tools": tools, "original": original}))


asyncio.run(main())
