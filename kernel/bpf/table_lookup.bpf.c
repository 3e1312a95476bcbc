// Finds the table with a flow whose tuple is known, if the kernel hides the table's address. Only
// programs with a packet can look up a flow. So the first program is a traffic control program that
// is run on a dummy packet. It stores the result for the second program. The programs call functions
// of nf_conntrack: if that is a module, it must be loaded before, and cannot be unloaded while these
// programs are loaded.
#include "kernel_memory.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct bpf_ct_opts___min {
  __s32 netns_id;
  __s32 error;
  __u8 l4proto;
  __u8 dir;
  __u8 reserved[2];
};

struct nf_conn* bpf_skb_ct_lookup(struct __sk_buff* packet, struct bpf_sock_tuple* tuple,
                                  __u32 tuple_size, struct bpf_ct_opts___min* options,
                                  __u32 options_size) __ksym;
void bpf_ct_release(struct nf_conn* entry) __ksym;

struct flow_walk_known_flow known_flow;

SEC("tc")
int look_up(struct __sk_buff* packet) {
  struct bpf_ct_opts___min options = {.netns_id = BPF_F_CURRENT_NETNS,
                                      .l4proto = known_flow.protocol};
  struct bpf_sock_tuple tuple = {};
  __u32 size;
  if (known_flow.family == IPV4) {
    size = sizeof(tuple.ipv4);
    tuple.ipv4.saddr = known_flow.source[0];
    tuple.ipv4.daddr = known_flow.destination[0];
    tuple.ipv4.sport = known_flow.source_port;
    tuple.ipv4.dport = known_flow.destination_port;
  } else {
    size = sizeof(tuple.ipv6);
    __builtin_memcpy(tuple.ipv6.saddr, known_flow.source, sizeof(tuple.ipv6.saddr));
    __builtin_memcpy(tuple.ipv6.daddr, known_flow.destination, sizeof(tuple.ipv6.daddr));
    tuple.ipv6.sport = known_flow.source_port;
    tuple.ipv6.dport = known_flow.destination_port;
  }
  known_flow.node = 0;
  struct nf_conn* entry =
      size == sizeof(tuple.ipv4)
          ? bpf_skb_ct_lookup(packet, &tuple, sizeof(tuple.ipv4), &options, sizeof(options))
          : bpf_skb_ct_lookup(packet, &tuple, sizeof(tuple.ipv6), &options, sizeof(options));
  known_flow.error = -options.error;
  if (!entry) return 0;
  known_flow.error = 0;
  known_flow.node = (__u64)entry + bpf_core_field_offset(struct nf_conn, tuplehash);
  bpf_ct_release(entry);
  return 0;
}

struct search {
  __u64 node;
};

static long go_to_end(__u32 index, struct search* search) {
  if (is_end(search->node) || !search->node) return 1;
  search->node = (__u64)((const struct hlist_nulls_node*)in_place(search->node))->next;
  return 0;
}

// Steps back in the chain, and ends at the bucket. What precedes a node is another node if its own
// pprev leads back to it; otherwise it is the bucket.
static long go_to_head(__u32 index, struct search* search) {
  const __u64 before = (__u64)((const struct hlist_nulls_node*)in_place(search->node))->pprev;
  const __u64 before_that = (__u64)((const struct hlist_nulls_node*)in_place(before))->pprev;
  const __u64 led_to = (__u64)((const struct hlist_nulls_head*)in_place(before_that))->first;
  search->node = before;
  return led_to != before;
}

static long go_to_known_flow(__u32 index, struct search* search) {
  return search->node == known_flow.node ? 1 : go_to_end(index, search);
}

SEC("syscall")
int find_table(void* context) {
  known_flow.table = 0;
  if (!known_flow.node) return 0;
  bpf_rcu_read_lock();
  struct search end = {known_flow.node};
  bpf_loop(FLOW_WALK_CHAIN, go_to_end, &end, 0);
  struct search head = {known_flow.node};
  bpf_loop(FLOW_WALK_CHAIN, go_to_head, &head, 0);
  struct search again = {(__u64)((const struct hlist_nulls_head*)in_place(head.node))->first};
  bpf_loop(FLOW_WALK_CHAIN, go_to_known_flow, &again, 0);
  bpf_rcu_read_unlock();
  if (!is_end(end.node) || again.node != known_flow.node) return 0;
  known_flow.bucket = end.node >> 1;
  known_flow.table = head.node - bucket_at(0, known_flow.bucket);
  return 0;
}
