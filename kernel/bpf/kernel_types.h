// Members of kernel structures that the walk reads. CO-RE: libbpf sets their offsets from the BTF
// of the running kernel, so order and gaps have no meaning here. Names and kinds are the kernel's
// (include/net/netfilter/nf_conntrack.h and its includes). A suffix ___ marks names of this
// program.
#pragma once

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct hlist_nulls_node {
  struct hlist_nulls_node *next, **pprev;
};

struct hlist_nulls_head {
  struct hlist_nulls_node* first;
};

union nf_inet_addr {
  __u32 all[4];
};

union nf_conntrack_man_proto {
  __be16 all;
};

struct nf_conntrack_man {
  union nf_inet_addr u3;
  union nf_conntrack_man_proto u;
  __u16 l3num;
};

struct nf_conntrack_tuple {
  struct nf_conntrack_man src;
  struct {
    union nf_inet_addr u3;
    union {
      __be16 all;
    } u;
    __u8 protonum;
    __u8 dir;
  } dst;
};

struct nf_conntrack_tuple_hash {
  struct hlist_nulls_node hnnode;
  struct nf_conntrack_tuple tuple;
};

struct nf_conntrack_zone {
  __u16 id;
  __u8 flags;
  __u8 dir;
};

struct ns_common {
  unsigned int inum;
};

struct net {
  struct ns_common ns;
};

typedef struct {
  struct net* net;
} possible_net_t;

enum sctp_conntrack { SCTP_CONNTRACK_NONE___ };

struct ip_ct_sctp {
  enum sctp_conntrack state;
};

struct ip_ct_tcp {
  __u8 state;
};

struct nf_ct_dccp {
  __u8 state;
};

union nf_conntrack_proto {
  struct nf_ct_dccp dccp;  // until Linux 6.16
  struct ip_ct_sctp sctp;
  struct ip_ct_tcp tcp;
};

struct nf_conn {
  __u32 timeout;
  struct nf_conntrack_zone zone;  // with CONFIG_NF_CONNTRACK_ZONES
  struct nf_conntrack_tuple_hash tuplehash[2];
  unsigned long status;
  possible_net_t ct_net;  // the member exists with CONFIG_NET_NS
  union nf_conntrack_proto proto;
};

struct nsproxy {
  struct net* net_ns;
};

struct task_struct {
  struct nsproxy* nsproxy;
};

#pragma clang attribute pop

// Bits of nf_conn.status (enum ip_conntrack_status, part of the kernel's API).
enum { CONFIRMED___ = 1 << 3, DYING___ = 1 << 9 };
