/* attr: compiler attributes under short names, so that prototypes state their contract. */
#ifndef CORE_BASE_ATTR_H
#define CORE_BASE_ATTR_H

#define MUST_CHECK             __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NONNULL(...)           __attribute__((nonnull(__VA_ARGS__)))
#define RETURNS_NONNULL        __attribute__((returns_nonnull))
#define PURE                   __attribute__((pure))
#define NORETURN               __attribute__((noreturn))
#define FALLTHROUGH            __attribute__((fallthrough))
#define UNUSED                 __attribute__((unused))
#define AUTO(fn)               __attribute__((cleanup(fn)))
#define LIKELY(x)              __builtin_expect(!!(x), 1)
#define UNLIKELY(x)            __builtin_expect(!!(x), 0)
#define ARRAY_N(a)             (sizeof(a) / sizeof((a)[0]))

/* 1 where code may use the vector instructions of x86-64 (SSE2 always; more after asking the processor).
 * There is plain C beside each such place, which -DHR_NO_SIMD chooses. */
#if defined(__x86_64__) && !defined(HR_NO_SIMD)
#define HR_X86 1
#else
#define HR_X86 0
#endif

#endif
