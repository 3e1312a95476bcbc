#include "exporter/web/pages/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <new>

namespace conntrack::exporter::web {
namespace {

class GzipStream {
 public:
  GzipStream() {
    constexpr int kGzipWindow =
        15 + 16;  // zlib.h: 16 more asks for a gzip header in place of zlib's
    constexpr int kDefaultMemory = 8;
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kDefaultMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() { deflateEnd(&stream_); }

  [[nodiscard]] std::size_t Bound(std::size_t size) { return deflateBound(&stream_, size); }

  // Compresses all of `text` into `out`, which has room for Bound() bytes; yields the bytes used.
  std::size_t Run(std::string_view text, std::string& out) {
    // zlib does not write through next_in; it lacks the const for the sake of old compilers.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    std::size_t in_left = text.size();
    std::size_t out_left = out.size();
    int result = Z_OK;
    while (result == Z_OK) {  // zlib counts in 32 bits: more than one turn only beyond 4 GB
      stream_.avail_in = Portion(in_left);
      stream_.avail_out = Portion(out_left);
      const std::size_t in_given = stream_.avail_in, out_given = stream_.avail_out;
      result = deflate(&stream_, in_given == in_left ? Z_FINISH : Z_NO_FLUSH);
      in_left -= in_given - stream_.avail_in;
      out_left -= out_given - stream_.avail_out;
    }
    return out.size() - out_left;
  }

 private:
  static uInt Portion(std::size_t left) {
    return static_cast<uInt>(std::min<std::size_t>(left, std::numeric_limits<uInt>::max()));
  }

  z_stream stream_{};
};

}  // namespace

std::string Gzip(std::string_view text) {
  GzipStream stream;
  std::string compressed(stream.Bound(text.size()), '\0');
  compressed.resize(stream.Run(text, compressed));
  return compressed;
}

}  // namespace conntrack::exporter::web
