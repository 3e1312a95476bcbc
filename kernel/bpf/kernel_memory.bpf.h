// How BPF programs read kernel memory and the chains of the hash table.
#pragma once

#include "kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>

#include "flow_walk_batch.h"

#ifdef FLOW_WALK_BY_COPY
// Before Linux 6.2: raw tracepoint programs, which run in an RCU section, copy memory before they
// read it.
#define RCU_PROGRAM "raw_tp"
#define bpf_rcu_read_lock()
#define bpf_rcu_read_unlock()

static __always_inline const void* look(void* room, __u32 size, __u64 address) {
  bpf_probe_read_kernel(room, size, (const void*)address);
  return room;
}
#else
#define RCU_PROGRAM "syscall"

// BTF id of a structure that is only a long array of words: struct linux_mib. The verifier lets a
// program read memory through it at any offset. struct nf_conn does not work for this: its type may
// be only in the module's BTF, which the verifier does not search here.
const volatile __u32 words_type;

void* bpf_rdonly_cast(const void* pointer, __u32 type) __ksym;
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

#define in_place(address) bpf_rdonly_cast((const void*)(address), words_type)
#define look(room, size, address) ((void)(room), in_place(address))
#endif

// look() reads `size` bytes of kernel memory at any address. Unreadable memory reads as 0. `room`
// holds the copy, if one is needed.

static __always_inline __u64 word_at(__u64 address) {
  __u64 room;
  return *(const __u64*)look(&room, sizeof(room), address);
}

static __always_inline __u32 half_word_at(__u64 address) {
  __u32 room;
  return *(const __u32*)look(&room, sizeof(room), address);
}

static __always_inline int is_end(__u64 node) { return node & 1; }

// Returns the end marker of the bucket's chain.
static __always_inline __u64 end_of(__u32 bucket) { return (__u64)bucket << 1 | 1; }

static __always_inline __u64 bucket_at(__u64 table, __u32 bucket) {
  return table + (__u64)bucket * sizeof(struct hlist_nulls_head);
}

enum { IPV4 = 2 };  // AF_INET
