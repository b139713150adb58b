// SPDX-License-Identifier: Apache-2.0
#include "control/connection.h"

#include <event2/buffer.h>
#include <sys/socket.h>

#include <array>
#include <new>
#include <utility>

namespace mxward::control {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(Owner& owner, event_base* base)
    : owner_(owner),
      buffer_(bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE)),
      deadline_(event_new(base, -1, 0, &OnDeadline, this)) {
  if (buffer_ == nullptr || deadline_ == nullptr) throw std::bad_alloc();
  bufferevent_setcb(buffer_.get(), &OnReadable, &OnWritten, &OnEvent, this);
}

void Connection::Begin(int fd, ClientInfo client, Millis deadline) {
  bufferevent_setfd(buffer_.get(), fd);
  const timeval wait = dns::ToTimeval(deadline);
  event_add(deadline_.get(), &wait);
  bufferevent_enable(buffer_.get(), EV_READ | EV_WRITE);
  client_ = std::move(client);
  if (client_.refusal) Answer(*client_.refusal);
}

void Connection::OnReadable(bufferevent* /*buffer*/, void* self) noexcept {
  auto* connection = static_cast<Connection*>(self);
  try {
    connection->Read();
  } catch (...) {
    connection->owner_.OnClosed(connection);  // out of memory: nothing can be said
  }
}

void Connection::OnWritten(bufferevent* /*buffer*/, void* self) noexcept {
  auto* connection = static_cast<Connection*>(self);
  if (connection->answered_) connection->Linger();
}

void Connection::OnEvent(bufferevent* /*buffer*/, short what, void* self) noexcept {
  auto* connection = static_cast<Connection*>(self);
  const bool ended = (what & BEV_EVENT_EOF) != 0 && (what & BEV_EVENT_ERROR) == 0;
  const bool waiting = connection->asked_ && !connection->answered_;
  const bool writing = connection->answered_ &&
                       evbuffer_get_length(bufferevent_get_output(connection->buffer_.get())) > 0;
  // A client that shut down its sending side still wants its answer.
  if (ended && (waiting || writing)) {
    connection->client_ended_ = true;
    return;
  }
  connection->owner_.OnClosed(connection);
}

void Connection::OnDeadline(int /*fd*/, short /*what*/, void* self) noexcept {
  auto* connection = static_cast<Connection*>(self);
  connection->owner_.OnClosed(connection);
}

void Connection::Read() {
  evbuffer* input = bufferevent_get_input(buffer_.get());
  std::array<char, 4096> bytes;
  int size = 0;
  while ((size = evbuffer_remove(input, bytes.data(), bytes.size())) > 0) {
    if (asked_ || answered_) continue;
    switch (parser_.Feed({bytes.data(), static_cast<std::size_t>(size)})) {
      case HttpParser::Progress::kMore:
        if (parser_.TakeExpectsContinue()) {
          bufferevent_write(buffer_.get(), kContinue.data(), kContinue.size());
        }
        break;
      case HttpParser::Progress::kDone:
        asked_ = true;
        parser_.request().peer = client_.peer;
        parser_.request().role = client_.role;
        if (const auto response = owner_.Ask(*this, parser_.request())) Answer(*response);
        break;
      case HttpParser::Progress::kFailed:
        Answer(parser_.failure());
        break;
    }
  }
}

void Connection::Answer(const Response& response) {
  const std::string text = FormatHttp(response, parser_.request().method == "HEAD");
  answered_ = true;
  bufferevent_write(buffer_.get(), text.data(), text.size());
}

void Connection::Linger() {
  if (client_ended_) {
    owner_.OnClosed(this);
    return;
  }
  shutdown(bufferevent_getfd(buffer_.get()), SHUT_WR);
}

}  // namespace mxward::control
