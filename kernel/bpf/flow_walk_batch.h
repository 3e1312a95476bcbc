// Memory shared by the BPF walk of the hash table and the process: one batch per thread. Compiled
// as C for the kernel and as C++ for the process, with the same layout.
#pragma once

#include <linux/types.h>

// Names follow the kernel's style.
// NOLINTBEGIN(readability-identifier-naming)

// clang-format off
enum {
  FLOW_WALK_BATCHES = 16,        // maximum number of threads
  FLOW_WALK_BUCKETS = 8192,      // maximum number that one run reads
  FLOW_WALK_CHAIN = 1024,        // maximum number of entries in one chain
  FLOW_WALK_LIST = 2048,         // maximum number of flows in one run
  FLOW_WALK_LENGTHS = 6,         // classes of chain length: 0, 1, 2, up to 4, up to 8, more
  FLOW_WALK_NAMESPACES = 1024,   // maximum that one thread counts; a power of two
  FLOW_WALK_PROBES = 16,         // hash slots that a namespace may be in
  FLOW_WALK_REREADS = 4,         // reads of a chain that changes meanwhile
  FLOW_WALK_ROOM = 48,           // words; an entry has 31 or 32
};
// clang-format on

/// A flow as in the kernel's entry. Addresses and ports are in network byte order.
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
  __u16 slot;  // 0: own_net; else 1 + index in namespaces[] (FLOW_WALK_NAMESPACES: none)
  __u8 family;
  __u8 protocol;
  __u8 zone_directions;  // bit 0: zone of the original direction, bit 1: of the reply
  __u8 state;            // of TCP, SCTP and DCCP if the kernel tracks them; else undefined
};

/// What the walk does with flows of other namespaces.
enum flow_walk_others { FLOW_WALK_IGNORE, FLOW_WALK_COUNT, FLOW_WALK_COUNT_AND_DELIVER };

/// Counts of a namespace other than the reader's.
struct flow_walk_namespace {
  __u64 net;  // struct net; 0: free slot
  __u32 inode;
  __u32 pad;
  __u64 flows;
};

struct flow_walk_batch {
  // Input. The walk advances `bucket`.
  __u64 table;              // address of the buckets
  __u64 table_symbol;       // address of nf_conntrack_hash; 0: use `table`
  __u64 generation_symbol;  // address of nf_conntrack_generation; 0 as above
  __u64 own_net;            // the namespace whose flows are delivered
  __u32 bucket;             // the next one to read
  __u32 end;                // the first one not to read
  __u32 others;             // enum flow_walk_others
  __u32 own_inode;          // of own_net

  // Output of this run.
  __u32 flows;       // number of valid elements in flow[]
  __u32 generation;  // of the table at the start; odd during a resize

  // Sums over all runs since the process reset them.
  __u64 chains[FLOW_WALK_LENGTHS];
  __u64 tuples;          // in all chains: two per entry, of all namespaces
  __u64 expired;         // entries of own_net that are not removed yet
  __u64 torn_chains;     // chains that changed during every read
  __u64 torn_flows;      // flows that were replaced during the read; not delivered
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
  __u64 room[FLOW_WALK_ROOM];  // copies, for the walk by copy
  __u64 list[FLOW_WALK_LIST];

  struct flow_walk_flow flow[FLOW_WALK_LIST];
};

/// One run of the walk.
struct flow_walk_run {
  __u32 batch;
};

/// For the programs that find the table with a known flow.
struct flow_walk_known_flow {
  // Input: the flow to look up.
  __u32 source[4];
  __u32 destination[4];
  __u16 source_port;
  __u16 destination_port;
  __u8 family;
  __u8 protocol;
  __u16 pad;
  // Output.
  __s32 error;   // errno of the lookup; 0: found
  __u64 node;    // the flow's place in a chain
  __u64 table;   // address of the buckets; 0: not found
  __u32 bucket;  // bucket of the flow
  __u32 pad2;
};
// NOLINTEND(readability-identifier-naming)
