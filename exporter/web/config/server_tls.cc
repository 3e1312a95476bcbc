#include "exporter/web/config/server_tls.h"

#include <openssl/ssl.h>

#include <new>
#include <utility>

namespace conntrack::exporter::web {
namespace {

int ClientHello(SSL* connection, int* alert, void* argument) {
  *alert = SSL_AD_INTERNAL_ERROR;
  try {
    const auto tls = (*static_cast<const ServerTls::Current*>(argument))();
    return tls != nullptr && tls->ApplyTo(connection) ? SSL_CLIENT_HELLO_SUCCESS
                                                      : SSL_CLIENT_HELLO_ERROR;
  } catch (...) {  // out of memory; OpenSSL is C
    return SSL_CLIENT_HELLO_ERROR;
  }
}

}  // namespace

ServerTls::ServerTls(Current current)
    : current_(std::make_unique<const Current>(std::move(current))),
      context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
  if (context_ == nullptr) throw std::bad_alloc();
  // Whatever the distribution forbids by default is allowed until the configuration is asked.
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), TLS1_3_VERSION);
  // Nor is there resumption: see TlsContext.
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context_.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context_.get(), 0);
  SSL_CTX_set_client_hello_cb(context_.get(), &ClientHello, const_cast<Current*>(current_.get()));
}

}  // namespace conntrack::exporter::web
