// The walk of the kernel's hash table of flows. It calls nothing of the module nf_conntrack, which
// may be loaded and unloaded meanwhile. Nothing here is attached: the programs run when the
// exporter runs them (BPF_PROG_RUN), for a few milliseconds.
//
// Reading is what RCU readers of the table do (nf_conntrack_core.c, ____nf_conntrack_find): a chain
// ends with the number of its bucket; if it ends with another, an entry was moved meanwhile and the
// chain is read again. Unlike them, we cannot take a reference: an entry may become another flow
// while it is read (SLAB_TYPESAFE_BY_RCU). So its identity is read twice.
#include "kernel_memory.bpf.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the loads of two words at once below are for little-endian machines"
#endif

char LICENSE[] SEC("license") = "GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, FLOW_WALK_BATCHES);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct flow_walk_batch);
} batches SEC(".maps");

enum {
  AHEAD = 16,       // buckets, and entries
  USUAL_CHAIN = 4,  // entries that are taken without a loop
};

#ifdef FLOW_WALK_BY_COPY
#define prefetch_chains(nodes, otherwise)
#define prefetch_entries(batch, index)
#else
// Prefetches memory: many loads take nearly as long as one.
static __always_inline void touch(const void* memory, __u32 offset) {
  asm volatile("r0 = *(u64 *)(%0 + 0)" : : "r"(memory + offset) : "r0");
}

// Returns the entry of a node; at the end of a chain, memory that always exists.
static __always_inline const struct hlist_nulls_node* node_or(__u64 node, __u64 otherwise) {
  return in_place(is_end(node) || !node ? otherwise : node);
}

static __always_inline void prefetch_chains(__u64* nodes, __u64 otherwise) {
#pragma unroll
  for (int depth = 0; depth < 2; depth++) {
#pragma unroll
    for (int i = 0; i < AHEAD; i++) nodes[i] = (__u64)node_or(nodes[i], otherwise)->next;
  }
#pragma unroll
  for (int i = 0; i < AHEAD; i++) touch(node_or(nodes[i], otherwise), 0);
}

static __always_inline void prefetch_entries(const struct flow_walk_batch* batch, __u32 index) {
#pragma unroll
  for (int i = 0; i < AHEAD; i++) {
    const void* ahead = in_place(batch->list[index + i]);
    touch(ahead, bpf_core_field_offset(struct nf_conn, status));
    touch(ahead, bpf_core_field_offset(struct nf_conn, proto));
  }
}
#endif

// Whether all of the next buckets are empty, as most are in a sparse table; otherwise prefetches
// their chains.
static __always_inline int are_empty(struct flow_walk_batch* batch, __u64 buckets, __u32 first) {
  __u64 nodes[AHEAD];
  __u64 differences = 0;
  const __u64* heads = look(batch->room, AHEAD * sizeof(*heads), buckets);
#pragma unroll
  for (int i = 0; i < AHEAD; i++) {
    nodes[i] = heads[i];
    differences |= nodes[i] ^ end_of(first + i);
  }
  if (!differences) return 1;
  prefetch_chains(nodes, buckets);
  return 0;
}

struct walk {
  struct flow_walk_batch* batch;
};

// Returns the next node of the chain.
static __always_inline __u64 take_node(struct flow_walk_batch* batch, __u64 node) {
  const struct nf_conntrack_tuple_hash* hash =
      look(batch->room, bpf_core_type_size(struct nf_conntrack_tuple_hash), node);
  // Each flow is in two chains. It is counted in the chain of its original direction.
  if (hash->tuple.dst.dir == 0) {
    const __u32 place = batch->listed;
    if (place < FLOW_WALK_LIST) {
      batch->list[place] = node - bpf_core_field_offset(struct nf_conn, tuplehash);
      batch->listed = place + 1;
    }
  }
  return (__u64)hash->hnnode.next;
}

static long visit_node(__u32 index, struct walk* walk) {
  struct flow_walk_batch* batch = walk->batch;
  if (is_end(batch->node) || !batch->node) return 1;
  ++batch->length;
  batch->node = take_node(batch, batch->node);
  return 0;
}

static __always_inline __u32 class_of(__u32 length) {
  return length <= 2 ? length : length <= 4 ? 3 : length <= 8 ? 4 : 5;
}

static long visit_bucket(__u32 index, struct walk* walk) {
  struct flow_walk_batch* batch = walk->batch;
  const __u32 bucket = batch->bucket;
  if (bucket >= batch->end || batch->listed > FLOW_WALK_LIST - FLOW_WALK_CHAIN) return 1;
  const __u64 head = bucket_at(batch->table, bucket);
  if (bucket % AHEAD == 0 && bucket + AHEAD <= batch->end && are_empty(batch, head, bucket)) {
    batch->chains[0] += AHEAD;
    batch->bucket = bucket + AHEAD;
    return 0;
  }
  __u64 node = word_at(head);
  __u32 length = 0;
  batch->listed_before_chain = batch->listed;
#pragma unroll
  for (int i = 0; i < USUAL_CHAIN; i++) {
    if (is_end(node) || !node) break;
    ++length;
    node = take_node(batch, node);
  }
  if (!is_end(node)) {
    batch->node = node;
    batch->length = length;
    bpf_loop(FLOW_WALK_CHAIN - USUAL_CHAIN, visit_node, walk, 0);
    node = batch->node;
    length = batch->length;
  }
  if (node != end_of(bucket)) {
    if (!is_end(node) && length >= FLOW_WALK_CHAIN) {
      ++batch->endless_chains;
    } else if (batch->rereads < FLOW_WALK_REREADS) {
      ++batch->rereads;
      batch->listed = batch->listed_before_chain;
      return 0;  // the same bucket once more
    } else {
      ++batch->torn_chains;
    }
  }
  batch->rereads = 0;
  batch->bucket = bucket + 1;
  __u32 class = class_of(length);
  barrier_var(class);  // the verifier of Linux 6.1 does not see the bound
  if (class < FLOW_WALK_LENGTHS) ++batch->chains[class];
  batch->tuples += length;
  if (length > batch->longest) batch->longest = length;
  return 0;
}

// Returns the index of the namespace; FLOW_WALK_NAMESPACES if it has none.
static __always_inline __u32 count_elsewhere(struct flow_walk_batch* batch, __u64 net) {
  __u32 place = (net >> 6) * 0x9e3779b1U >> 7;
  for (int i = 0; i < FLOW_WALK_PROBES; i++) {
    const __u32 index = (place + i) % FLOW_WALK_NAMESPACES;
    struct flow_walk_namespace* found = &batch->namespaces[index];
    if (!found->net) {
      found->net = net;
      found->inode = half_word_at(net + bpf_core_field_offset(struct net, ns.inum));
    }
    if (found->net == net) {
      ++found->flows;
      return index;
    }
  }
  ++batch->elsewhere;
  return FLOW_WALK_NAMESPACES;
}

// Copies an address word by word. An IPv4 address fills the first word only.
static __always_inline void copy_address(__u64* to, const union nf_inet_addr* from, __u16 family) {
  const __u64* words = (const __u64*)from;
  if (family == IPV4) {
    to[0] = from->all[0];
  } else {
    to[0] = words[0];
    to[1] = words[1];
  }
}

static __always_inline void copy_tuple(struct flow_walk_tuple* to, const struct nf_conntrack_tuple* from,
                                       __u16 family) {
  copy_address(to->source, &from->src.u3, family);
  copy_address(to->destination, &from->dst.u3, family);
  to->source_port = from->src.u.all;
  to->destination_port = from->dst.u.all;
}

static __always_inline void copy_zone(struct flow_walk_flow* to, const struct nf_conn* from) {
  to->zone = 0;
  to->zone_directions = 0;
  if (!bpf_core_field_exists(from->zone)) return;
  to->zone = from->zone.id;
  to->zone_directions = from->zone.dir;
}

static __always_inline void copy_state(struct flow_walk_flow* to, const struct nf_conn* from) {
  to->state = 0;
  if (to->protocol == 6) {  // IPPROTO_TCP
    to->state = from->proto.tcp.state;
  } else if (to->protocol == 132 && bpf_core_field_exists(from->proto.sctp)) {
    to->state = from->proto.sctp.state;
  } else if (to->protocol == 33 && bpf_core_field_exists(from->proto.dccp)) {
    to->state = from->proto.dccp.state;
  }
}

static __always_inline int is_still_address(const __u64* was, const union nf_inet_addr* is, __u16 family) {
  const __u64* words = (const __u64*)is;
  return family == IPV4 ? was[0] == is->all[0] : was[0] == words[0] && was[1] == words[1];
}

static __always_inline int is_still(const struct flow_walk_flow* flow, const struct nf_conn* entry) {
  const struct nf_conntrack_tuple* tuple = &entry->tuplehash[0].tuple;
  return (entry->status & CONFIRMED___) && flow->family == tuple->src.l3num &&
         flow->original.source_port == tuple->src.u.all && flow->original.destination_port == tuple->dst.u.all &&
         is_still_address(flow->original.source, &tuple->src.u3, flow->family) &&
         is_still_address(flow->original.destination, &tuple->dst.u3, flow->family);
}

static __always_inline __u64 net_of(const struct nf_conn* entry, __u64 otherwise) {
  return bpf_core_field_exists(entry->ct_net.net) ? (__u64)entry->ct_net.net : otherwise;
}

static __always_inline const struct nf_conn* look_at_entry(struct flow_walk_batch* batch, __u32 index) {
  return look(batch->room, bpf_core_type_size(struct nf_conn), batch->list[index]);
}

static long take_flow(__u32 index, struct walk* walk) {
  struct flow_walk_batch* batch = walk->batch;
  __u32 place = batch->flows;
  if (index >= FLOW_WALK_LIST || place >= FLOW_WALK_LIST) return 1;
  barrier_var(place);  // the verifier of Linux 6.1 forgets the bound
  place &= FLOW_WALK_LIST - 1;
  if (index % AHEAD == 0 && index <= FLOW_WALK_LIST - AHEAD) prefetch_entries(batch, index);
  const struct nf_conn* entry = look_at_entry(batch, index);
  struct flow_walk_flow* flow = &batch->flow[place];
  // Read first and compared last, so that all in between is of this flow.
  const __u16 family = entry->tuplehash[0].tuple.src.l3num;
  flow->family = family;
  copy_tuple(&flow->original, &entry->tuplehash[0].tuple, family);
  const __u32 status = entry->status;
  // As in a dump: no entries that have left the table or are about to.
  if ((status & (CONFIRMED___ | DYING___)) != CONFIRMED___) return 0;
  const __s32 left = (__s32)(entry->timeout - batch->now);
  const __u64 net = net_of(entry, batch->own_net);
  const int is_own = net == batch->own_net;
  if (left <= 0) {
    batch->expired += is_own;
    return 0;
  }
  if (!is_own && batch->others != FLOW_WALK_COUNT_AND_DELIVER) {
    if (batch->others == FLOW_WALK_COUNT) count_elsewhere(batch, net);
    return 0;
  }
  flow->status = status;
  flow->jiffies_left = left;
  flow->protocol = entry->tuplehash[0].tuple.dst.protonum;
  copy_tuple(&flow->reply, &entry->tuplehash[1].tuple, family);
  copy_zone(flow, entry);
  copy_state(flow, entry);
  if (!is_still(flow, look_at_entry(batch, index))) {
    ++batch->torn_flows;
    return 0;
  }
  flow->slot = is_own ? 0 : 1 + count_elsewhere(batch, net);
  batch->flows = place + 1;
  return 0;
}

SEC(RCU_PROGRAM)
int walk(struct flow_walk_run* run) {
  const __u32 index = run->batch;
  struct walk walk = {bpf_map_lookup_elem(&batches, &index)};
  struct flow_walk_batch* batch = walk.batch;
  if (!batch) return 1;
  batch->flows = 0;
  batch->listed = 0;
  batch->rereads = 0;
  batch->now = bpf_jiffies64();
  bpf_rcu_read_lock();
  // The table may be replaced by another at any time; the one that is here now stays until we
  // leave.
  if (batch->table_symbol) {
    batch->generation = half_word_at(batch->generation_symbol);
    batch->table = word_at(batch->table_symbol);
  }
  bpf_loop(FLOW_WALK_BUCKETS, visit_bucket, &walk, 0);
  bpf_loop(batch->listed, take_flow, &walk, 0);
  bpf_rcu_read_unlock();
  return 0;
}

// Stores the network namespace of the calling thread in the first batch.
SEC(RCU_PROGRAM)
int find_self(void* context) {
  const __u32 first = 0;
  struct flow_walk_batch* batch = bpf_map_lookup_elem(&batches, &first);
  if (!batch) return 1;
  const struct task_struct* task = (const struct task_struct*)bpf_get_current_task_btf();
  batch->own_net = (__u64)task->nsproxy->net_ns;
  batch->own_inode = task->nsproxy->net_ns->ns.inum;
  return 0;
}
