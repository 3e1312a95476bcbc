// Memory shared by the BPF walk of the hash table and the process: one batch for each thread.
// Compiled as C for the kernel and as C++ for the process, with the same layout.
#pragma once

#include <linux/types.h>

// Named as the kernel names its own.
// NOLINTBEGIN(readability-identifier-naming)

// clang-format off
enum {
  FLOW_WALK_BATCHES = 16,        // threads at most
  FLOW_WALK_BUCKETS = 8192,      // that one run reads at most
  FLOW_WALK_CHAIN = 1024,        // entries of one chain at most
  FLOW_WALK_LIST = 2048,         // flows of one run at most
  FLOW_WALK_LENGTHS = 6,         // of chains: 0, 1, 2, up to 4, up to 8, more
  FLOW_WALK_NAMESPACES = 1024,   // counted by one thread; a power of two
  FLOW_WALK_PROBES = 16,         // slots that one of them may be in
  FLOW_WALK_REREADS = 4,         // of a chain that moves while it is read
  FLOW_WALK_ROOM = 48,           // words; an entry has 31 or 32
};
// clang-format on

/// A flow as in the kernel's entry, with addresses and ports in network byte order.
struct flow_walk_tuple {
  __u64 source[2];
  __u64 destination[2];
  __u16 source_port;
  __u16 destination_port;
};

struct flow_walk_flow {
  struct flow_walk_tuple original;
  struct flow_walk_tuple reply;
  __u32 status;
  __u32 jiffies_left;
  __u16 zone;
  __u16 slot;  // 0: of the own namespace; else 1 + index of its namespace, which may have none
  __u8 family;
  __u8 protocol;
  __u8 zone_directions;  // bit 0: the zone is that of the original direction, bit 1: of the reply
  __u8 state;            // of TCP, SCTP and DCCP where the kernel tracks them; else without meaning
};

/// What becomes of flows of other namespaces.
enum flow_walk_others { FLOW_WALK_IGNORE, FLOW_WALK_COUNT, FLOW_WALK_COUNT_AND_DELIVER };

/// Flows of a namespace other than the reader's.
struct flow_walk_namespace {
  __u64 net;  // struct net; 0: free slot
  __u32 inode;
  __u32 pad;
  __u64 flows;
};

struct flow_walk_batch {
  // Input; the walk advances `bucket`.
  __u64 table;              // address of the buckets
  __u64 table_symbol;       // address of nf_conntrack_hash; 0: use `table` as it is
  __u64 generation_symbol;  // address of nf_conntrack_generation, likewise
  __u64 own_net;            // the namespace whose flows are delivered
  __u32 bucket;             // the next to be read
  __u32 end;                // the first not to be read
  __u32 others;             // enum flow_walk_others
  __u32 own_inode;          // of own_net

  // Of this run.
  __u32 flows;       // how many of flow[] are filled
  __u32 generation;  // of the table when it began; odd: a resize was under way

  // Sums over all runs since the process reset them.
  __u64 chains[FLOW_WALK_LENGTHS];
  __u64 tuples;          // in all chains: two for each entry of whatever namespace
  __u64 expired;         // of the own namespace, not removed yet
  __u64 torn_chains;     // that moved on every read
  __u64 torn_flows;      // replaced while they were read; not delivered
  __u64 endless_chains;  // longer than FLOW_WALK_CHAIN; cut off there
  __u64 longest;
  __u64 elsewhere;  // flows of namespaces without a slot below
  struct flow_walk_namespace namespaces[FLOW_WALK_NAMESPACES];

  // Private to the walk.
  __u64 node;  // position in a chain
  __u32 now;   // jiffies
  __u32 listed;
  __u32 listed_before_chain;
  __u32 length;
  __u32 rereads;
  __u32 pad2;
  __u64 room[FLOW_WALK_ROOM];  // for the copies of the walk by copy
  __u64 list[FLOW_WALK_LIST];

  struct flow_walk_flow flow[FLOW_WALK_LIST];
};

/// One run of the walk.
struct flow_walk_run {
  __u32 batch;
};

/// For the programs that find the table by a known flow.
struct flow_walk_known_flow {
  // What to look up.
  __u32 source[4];
  __u32 destination[4];
  __u16 source_port;
  __u16 destination_port;
  __u8 family;
  __u8 protocol;
  __u16 pad;
  // What was found.
  __s32 error;   // of the lookup, as an errno; 0: found
  __u64 node;    // the flow's place in a chain
  __u64 table;   // address of the buckets; 0: not found
  __u32 bucket;  // the one that the flow is in
  __u32 pad2;
};
// NOLINTEND(readability-identifier-naming)
