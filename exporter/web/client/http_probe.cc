#include "exporter/web/client/http_probe.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <future>
#include <memory>
#include <utility>

#include "exporter/web/config/tls_context.h"
#include "exporter/web/server/http_message.h"
#include "exporter/web/server/listen_address.h"
#include "exporter/web/server/tcp_sockets.h"
#include "kernel/text.h"
#include "kernel/thread.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {
namespace {

constexpr std::string_view kExample = "write http://127.0.0.1:10318/-/healthy";

tl::unexpected<Error> BadUrl(std::string_view text, std::string_view what,
                             std::string_view remedy = kExample) {
  std::string message = "URL \"" + Printable(text) + "\": ";
  return Fail(ErrorKind::kMalformed, message.append(what), std::string(remedy));
}

// An IPv6 address in brackets contains colons.
bool NamesPort(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  if (colon == std::string_view::npos) return false;
  return bracket == std::string_view::npos || colon > bracket;
}

// Characters that end the request line, or are not part of a URL.
bool IsUnfit(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte >= 0x7f || c == '#';
}

using kernel::UniqueFd;
using Deadline = std::chrono::steady_clock::time_point;
using Addresses = std::shared_ptr<addrinfo>;

Result<Addresses> LookUpHost(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  // No name means loopback, so that localhost works without /etc/hosts (RFC 6761, section 6.3).
  const char* node = host == "localhost" ? nullptr : host.c_str();
  const int code = ::getaddrinfo(node, std::to_string(port).c_str(), &hints, &list);
  if (code == 0) return Addresses(list, &::freeaddrinfo);
  return Fail(ErrorKind::kAbsent, "looking up " + host + ": " + ::gai_strerror(code),
              "check that the name is right, or write an address instead");
}

Result<Addresses> ResolveInTime(const HttpUrl& url, Deadline deadline) {
  if (auto addresses = LookUpHost(url.host, url.port, AI_NUMERICHOST)) return addresses;
  std::packaged_task<Result<Addresses>()> look_up(
      [host = url.host, port = url.port] { return LookUpHost(host, port, 0); });
  auto answer = look_up.get_future();
  kernel::StartThread("name lookup", [look_up = std::make_shared<decltype(look_up)>(
                                          std::move(look_up))](const std::stop_token&) {
    (*look_up)();
  }).detach();
  if (answer.wait_until(deadline) == std::future_status::ready) return answer.get();
  return Fail(ErrorKind::kTimeout, "looking up " + url.host + ": no answer in time",
              "write an address instead of a name");
}

// Waits for POLLIN or POLLOUT, or an error, which the next call on the socket reports.
Result<void> WaitFor(int socket, short events, Deadline deadline, const char* what) {
  using std::chrono::ceil, std::chrono::milliseconds;
  while (true) {
    const auto left = ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return Fail(ErrorKind::kTimeout, std::string(what) + ": nothing in time");
    pollfd waiting{socket, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return Fail(ErrorFromErrno(errno, what));
  }
}

Result<UniqueFd> ConnectTo(const addrinfo& address, Deadline deadline) {
  UniqueFd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return Fail(ErrorFromErrno(errno, "socket"));
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return Fail(ErrorFromErrno(errno, "connecting"));
  const auto connected = WaitFor(socket.get(), POLLOUT, deadline, "connecting");
  if (!connected) return Fail(connected.error());
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Fail(ErrorFromErrno(error, "connecting"));
  return socket;
}

// One connection, plain or TLS, with the same BIO interface of OpenSSL.
class ProbeConnection {
 public:
  explicit ProbeConnection(Deadline deadline) : deadline_(deadline) {}

  Result<void> Open(const HttpUrl& url) {
    const auto addresses = ResolveInTime(url, deadline_);
    if (!addresses) return Fail(addresses.error());
    Result<UniqueFd> socket;
    for (const auto* one = addresses->get(); one != nullptr; one = one->ai_next) {
      socket = ConnectTo(*one, deadline_);
      if (socket) break;
    }
    if (!socket) return Fail(socket.error());
    socket_ = std::move(*socket);
    bio_.reset(BIO_new_socket(socket_.get(), BIO_NOCLOSE));
    return url.tls ? ShakeHands() : Result<void>();
  }

  Result<void> Send(std::string_view text) {
    while (!text.empty()) {
      const auto sent =
          Retry([&] { return BIO_write(bio_.get(), text.data(), static_cast<int>(text.size())); },
                "asking");
      if (!sent) return Fail(sent.error());
      if (*sent == 0) break;  // closed: reading reports it
      text.remove_prefix(*sent);
    }
    return {};
  }

  /// Receives until the text contains `until`, the end of the stream, or `most` bytes.
  Result<std::string> Receive(std::size_t most, std::string_view until) {
    std::array<char, 1024> buffer{};
    std::string text;
    while (text.size() < most) {
      const auto received = Retry(
          [&] { return BIO_read(bio_.get(), buffer.data(), static_cast<int>(buffer.size())); },
          "waiting for the answer");
      if (!received) return Fail(received.error());
      if (*received == 0) break;
      text.append(buffer.data(), *received);
      if (!until.empty() && text.find(until) != std::string::npos) break;
    }
    return text;
  }

 private:
  struct Free {
    void operator()(BIO* chain) const { BIO_free_all(chain); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  Result<void> ShakeHands() {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    // As old as OpenSSL supports: the probe does not judge the security of the server.
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_app_data(context_.get(), this);
    SSL_CTX_set_client_cert_cb(context_.get(), [](SSL* ssl, X509**, EVP_PKEY**) {
      void* const self = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
      static_cast<ProbeConnection*>(self)->certificate_wanted_ = true;
      return 0;  // none available
    });
    BIO* const tls = BIO_new_ssl(context_.get(), 1);
    if (tls == nullptr) return Fail(ErrorKind::kIo, "TLS: " + TakeOpenSslError());
    bio_.reset(BIO_push(tls, bio_.release()));
    const auto done =
        Retry([&] { return static_cast<int>(BIO_do_handshake(bio_.get())); }, "shaking hands");
    if (!done) return Fail(done.error());
    if (*done == 0) return Fail(TlsError("shaking hands"));
    return {};
  }

  /// Retries a call until it succeeds; 0 is the end of the stream.
  template <typename Call>
  Result<std::size_t> Retry(const Call& call, const char* what) {
    while (true) {
      ERR_clear_error();
      errno = 0;
      const int result = call();
      if (result > 0) return static_cast<std::size_t>(result);
      const int error = errno;
      if (!BIO_should_retry(bio_.get())) {
        const bool openssl = ERR_peek_error() != 0;
        if (result == 0 && !openssl) return 0;
        // A server that requires a certificate may close the connection before its alert is read.
        if (!openssl && error != 0 && !certificate_wanted_) {
          return Fail(ErrorFromErrno(error, what));
        }
        return Fail(TlsError(what));
      }
      const short events = BIO_should_read(bio_.get()) ? POLLIN : POLLOUT;
      const auto ready = WaitFor(socket_.get(), events, deadline_, what);
      if (!ready) return Fail(ready.error());
    }
  }

  [[nodiscard]] Error TlsError(const char* what) const {
    const auto openssl = TakeOpenSslError();
    if (certificate_wanted_) {
      return {ErrorKind::kDenied, 0, "the server wants a certificate of its clients: " + openssl,
              ""};
    }
    return {ErrorKind::kMalformed, 0, std::string(what) + ": " + openssl,
            "check whether the server speaks TLS; otherwise use http://"};
  }

  const Deadline deadline_;
  UniqueFd socket_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<BIO, Free> bio_;
  bool certificate_wanted_ = false;
};

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

/// Returns the response, as Receive() does.
Result<std::string> Ask(const HttpUrl& url, std::string_view version, Deadline deadline,
                        std::size_t most, std::string_view until) {
  std::signal(SIGPIPE, SIG_IGN);  // BIO uses write(2)
  ProbeConnection connection(deadline);
  if (const auto opened = connection.Open(url); !opened) return Fail(opened.error());
  const auto asked =
      connection.Send("GET " + url.target + " HTTP/" + std::string(version) +
                      "\r\nHost: " + FormatAddress(url.host, url.port, url.ipv6) +
                      "\r\nUser-Agent: conntrack_exporter\r\nConnection: close\r\n\r\n");
  if (!asked) return Fail(asked.error());
  return connection.Receive(most, until);
}

Result<int> StatusOf(std::string_view answer) {
  const auto line = answer.substr(0, answer.find(kLineEnd));
  if (const auto status = ParseStatusLine(line)) return *status;
  return Fail(ErrorKind::kMalformed,
              line.empty() ? "the connection was closed without an answer"
                           : "not HTTP: \"" + Printable(line) + "\"",
              "check what listens there: another program, or an exporter with TLS (https://)");
}

}  // namespace

Result<HttpUrl> ParseHttpUrl(std::string_view text, std::string_view path) {
  std::string_view rest = text;
  if (std::any_of(rest.begin(), rest.end(), IsUnfit)) {
    return BadUrl(text, "a character that is none of a URL");
  }
  constexpr std::string_view kHttp = "http://", kHttps = "https://";
  const bool tls = SameWord(rest.substr(0, kHttps.size()), kHttps);
  if (!tls && !SameWord(rest.substr(0, kHttp.size()), kHttp)) {
    return BadUrl(text, "does not begin with http:// or https://");
  }
  rest.remove_prefix(tls ? kHttps.size() : kHttp.size());
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  std::string authority(rest.substr(0, end));
  std::string target(rest.substr(end));
  if (authority.find('@') != std::string::npos) {
    return BadUrl(text, "a user in a URL can be read by everyone on this machine",
                  "leave it out: an answer of 401 counts as healthy");
  }
  if (!NamesPort(authority)) authority += tls ? ":443" : ":80";
  auto address = ParseListenAddress(authority);
  if (!address || address->host.empty() || address->port == 0) {
    return BadUrl(text, "the host or the port is none");
  }
  if (target.empty()) target = path;
  if (target.front() == '?') target.insert(target.begin(), '/');
  return HttpUrl{std::move(address->host), address->port, address->ipv6, std::move(target), tls};
}

Result<HttpUrl> HealthUrlOf(std::string_view listen_address) {
  auto address = ParseListenAddress(listen_address);
  if (!address) return Fail(address.error());
  if (address->port == 0) {
    return Fail(ErrorKind::kMalformed,
                "listen address \"" + Printable(listen_address) +
                    "\" has no fixed port: the kernel chooses it",
                "set --url, or listen on a fixed port");
  }
  HttpUrl url{std::move(address->host), address->port, address->ipv6, std::string(kHealthPath),
              false};
  if (url.host.empty() || url.host == "0.0.0.0") url.host = "127.0.0.1";
  if (url.host == "::") url.host = "::1";
  return url;
}

std::string ToString(const HttpUrl& url) {
  return (url.tls ? "https://" : "http://") + FormatAddress(url.host, url.port, url.ipv6) +
         url.target;
}

std::optional<int> ParseStatusLine(std::string_view line) {
  constexpr std::size_t kStatus = 9, kEnd = 12;  // positions in "HTTP/1.1 200 OK"
  if (!line.starts_with("HTTP/1.") || line.size() < kEnd) return std::nullopt;
  if (line[7] < '0' || line[7] > '9' || line[8] != ' ') return std::nullopt;
  if (line.size() > kEnd && line[kEnd] != ' ') return std::nullopt;
  const auto status = kernel::ParseNumber<int>(line.substr(kStatus, kEnd - kStatus));
  return status && *status >= 100 ? status : std::nullopt;
}

Result<int> HttpGetStatus(const HttpUrl& url, std::chrono::steady_clock::time_point deadline) {
  constexpr std::size_t kLongestLine = 1024;  // longer than any status line
  const auto answer = Ask(url, "1.1", deadline, kLongestLine, kLineEnd);
  return answer ? StatusOf(*answer) : Fail(answer.error());
}

Result<HttpAnswer> HttpGet(const HttpUrl& url, std::chrono::steady_clock::time_point deadline,
                           std::size_t most_bytes) {
  // With 1.0 the body ends with the connection and is never chunked.
  auto answer = Ask(url, "1.0", deadline, most_bytes, {});
  if (!answer) return Fail(answer.error());
  const auto status = StatusOf(*answer);
  if (!status) return Fail(status.error());
  if (answer->size() >= most_bytes) {
    return Fail(ErrorKind::kMalformed,
                "answered with more than " + std::to_string(most_bytes) + " bytes");
  }
  const auto head = answer->find(kHeadEnd);
  if (head == std::string::npos)
    return Fail(ErrorKind::kMalformed, "the headers of the answer have no end");
  return HttpAnswer{*status, answer->substr(head + kHeadEnd.size())};
}

}  // namespace conntrack::exporter::web
