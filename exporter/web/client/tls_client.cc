#include "exporter/web/client/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "exporter/web/client/tcp_connect.h"
#include "exporter/web/config/pem.h"

namespace conntrack::exporter::web {
namespace {

using kernel::UniqueFd;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

class TlsStream : public ClientStream {
 public:
  explicit TlsStream(UniqueFd socket) : socket_(std::move(socket)) {}

  Result<void> ShakeHands(Deadline deadline) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (context_ == nullptr) return Fail(ErrorKind::kIo, "TLS: " + TakeOpenSslError());
    // As old as OpenSSL can: how good the server's choice is, is not the question here.
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_client_cert_cb(context_.get(), &TlsStream::NoteCertificateRequest);
    ssl_.reset(SSL_new(context_.get()));
    if (ssl_ == nullptr || SSL_set_fd(ssl_.get(), socket_.get()) != 1) {
      return Fail(ErrorKind::kIo, "TLS: " + TakeOpenSslError());
    }
    SSL_set_app_data(ssl_.get(), this);
    const auto done = Repeat([this] { return SSL_connect(ssl_.get()); }, deadline, "shaking hands");
    if (!done) return Fail(done.error());
    return {};
  }

  Result<void> Send(std::string_view text, Deadline deadline) override {
    // Without SSL_MODE_ENABLE_PARTIAL_WRITE a success is all of it.
    const auto done = Repeat(
        [this, text] { return SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())); },
        deadline, "asking");
    if (!done) return Fail(done.error());
    return {};
  }

  Result<std::size_t> Receive(std::span<char> buffer, Deadline deadline) override {
    const auto done = Repeat(
        [this, buffer] {
          return SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
        },
        deadline, "waiting for the answer");
    if (!done) return Fail(done.error());
    return static_cast<std::size_t>(*done);
  }

 private:
  static int NoteCertificateRequest(SSL* ssl, X509**, EVP_PKEY**) {
    static_cast<TlsStream*>(SSL_get_app_data(ssl))->certificate_wanted_ = true;
    return 0;  // none to be had
  }

  // Calls until it has happened; 0 is the end of the stream.
  template <typename Call>
  Result<int> Repeat(const Call& call, Deadline deadline, const char* what) {
    while (true) {
      ERR_clear_error();
      errno = 0;
      const int result = call();
      if (result > 0) return result;
      const int reason = SSL_get_error(ssl_.get(), result);
      if (reason == SSL_ERROR_ZERO_RETURN) return 0;
      // A refusal for lack of a certificate may close the connection before its alert is read.
      if (reason == SSL_ERROR_SYSCALL && errno != 0 && !certificate_wanted_) {
        return Fail(ErrorFromErrno(errno, what));
      }
      if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) return Fail(Why(what));
      const short events = reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      const auto ready = WaitFor(socket_, events, deadline, what);
      if (!ready) return Fail(ready.error());
    }
  }

  [[nodiscard]] Error Why(const char* what) const {
    const auto openssl = TakeOpenSslError();
    if (certificate_wanted_) {
      return {ErrorKind::kDenied, 0, "the server wants a certificate of its clients: " + openssl,
              ""};
    }
    return {ErrorKind::kMalformed, 0, std::string(what) + ": " + openssl,
            "see whether it is TLS what is spoken there, or else ask with http://"};
  }

  const UniqueFd socket_;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  bool certificate_wanted_ = false;
};

}  // namespace

Result<std::unique_ptr<ClientStream>> ShakeHands(UniqueFd socket, Deadline deadline) {
  std::signal(SIGPIPE, SIG_IGN);
  auto stream = std::make_unique<TlsStream>(std::move(socket));
  const auto done = stream->ShakeHands(deadline);
  if (!done) return Fail(done.error());
  return stream;
}

}  // namespace conntrack::exporter::web
