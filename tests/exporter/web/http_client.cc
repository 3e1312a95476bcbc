#include "http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <stdexcept>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {
namespace {

constexpr int kPatienceMs = 30'000;

}  // namespace

std::string Reply::Header(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && SameWord(line.substr(0, colon), name)) {
      return std::string(Trimmed(line.substr(colon + 1)));
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
  }
  return "";
}

HttpClient::HttpClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to the server under test");
  }
}

bool HttpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::WaitForData() const {
  pollfd ready{fd_.get(), POLLIN, 0};
  return poll(&ready, 1, kPatienceMs) != 0;
}

bool HttpClient::Receive() {
  if (!WaitForData()) {
    timed_out_ = true;
    return false;
  }
  std::array<char, 65536> buffer;
  const auto received = recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (received <= 0) return false;
  pending_.append(buffer.data(), static_cast<std::size_t>(received));
  return true;
}

Reply HttpClient::Read(bool head_only) {
  auto end = pending_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!Receive()) return {};
    end = pending_.find("\r\n\r\n");
  }
  Reply reply;
  reply.head = pending_.substr(0, end + 4);
  pending_.erase(0, end + 4);
  std::size_t length = 0;
  const std::string text = reply.Header("Content-Length");
  std::from_chars(text.data(), text.data() + text.size(), length);
  while (!head_only && pending_.size() < length) {
    if (!Receive()) return {};
  }
  reply.body = pending_.substr(0, head_only ? 0 : length);
  pending_.erase(0, reply.body.size());
  constexpr std::size_t kStatusAt = 9;  // "HTTP/1.1 200"
  std::from_chars(reply.head.data() + kStatusAt, reply.head.data() + kStatusAt + 3, reply.status);
  return reply;
}

Reply HttpClient::Ask(std::string_view method, std::string_view path, std::string_view headers) {
  std::string request(method);
  request.append(" ").append(path).append(" HTTP/1.1\r\nHost: test\r\n");
  request.append(headers).append("\r\n");
  Send(request);
  return Read(method == "HEAD");
}

bool HttpClient::WaitForClose() {
  while (Receive()) {
  }
  return !timed_out_;
}

Reply Get(std::uint16_t port, std::string_view path, std::string_view headers) {
  return HttpClient(port).Ask("GET", path, std::string(headers) + "Connection: close\r\n");
}

}  // namespace conntrack::exporter::web
