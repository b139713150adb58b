-- SPDX-License-Identifier: Apache-2.0
-- A second opinion on the protocol: OpenDKIM's miltertest plays the MTA. It cannot show the text
-- of a reply, so that stays with the Python tests. Run by test_miltertest.py, which sets `socket`.

-- miltertest ends with a status on error(), but does not show its text.
local function fail(what)
  mt.echo("failed: " .. what)
  error(what)
end

local function expect(what, condition)
  if not condition then fail(what) end
end

local function open()
  local conn = mt.connect(socket, 20, 0.25)
  expect("connect", conn ~= nil)
  expect("negotiate", mt.negotiate(conn, nil, nil, nil) == nil)
  return conn
end

-- One recipient in a session of its own; returns the reply to RCPT.
local function try(name, ip, from, to)
  local conn = open()
  expect("macros", mt.macro(conn, SMFIC_CONNECT, "{client_name}", name, "{daemon_port}", "25") == nil)
  expect("conninfo", mt.conninfo(conn, name, ip) == nil)
  expect("helo", mt.helo(conn, name) == nil)
  expect("mail", mt.mailfrom(conn, from) == nil)
  expect("rcpt", mt.rcptto(conn, to) == nil)
  local reply = mt.getreply(conn)
  mt.disconnect(conn)
  return reply
end

local function check(what, reply, wanted)
  if reply ~= wanted then
    fail(what .. ": reply " .. string.char(reply) .. ", wanted " .. string.char(wanted))
  end
end

-- What is negotiated.
local conn = open()
expect("no headers", mt.test_option(conn, SMFIP_NOHDRS))
expect("no DATA", mt.test_option(conn, SMFIP_NODATA))
expect("no body", mt.test_option(conn, SMFIP_NOBODY))
expect("no reply to CONNECT", mt.test_option(conn, SMFIP_NR_CONN))
expect("no reply to HELO", mt.test_option(conn, SMFIP_NR_HELO))
expect("a reply to MAIL", not mt.test_option(conn, SMFIP_NR_MAIL))
expect("recipients", not mt.test_option(conn, SMFIP_NORCPT))
expect("changes no header", not mt.test_action(conn, SMFIF_CHGHDRS))
expect("changes no body", not mt.test_action(conn, SMFIF_CHGBODY))
mt.disconnect(conn)

-- Deferred, then accepted, over IPv4 and IPv6. miltertest calls a reply with a text 'y'.
for _, ip in ipairs({"192.0.2.65", "2001:db8:65::1"}) do
  check("new " .. ip, try("mail.example.org", ip, "<lua@example.org>", "<b@example.net>"),
        SMFIR_REPLYCODE)
end
mt.sleep(delay + 1)
for _, ip in ipairs({"192.0.2.65", "2001:db8:65::1"}) do
  check("known " .. ip, try("mail.example.org", ip, "<lua@example.org>", "<b@example.net>"),
        SMFIR_CONTINUE)
end

-- Two messages in one session with an ABORT between them, and a null sender deferred at the end of its message.
conn = open()
expect("conninfo", mt.conninfo(conn, "mail.example.org", "192.0.2.65") == nil)
expect("helo", mt.helo(conn, "mail.example.org") == nil)
expect("mail", mt.mailfrom(conn, "<first@example.org>") == nil)
expect("rcpt", mt.rcptto(conn, "<b@example.net>") == nil)
check("first", mt.getreply(conn), SMFIR_REPLYCODE)
expect("abort", mt.abort(conn) == nil)
expect("mail", mt.mailfrom(conn, "<>") == nil)
expect("rcpt", mt.rcptto(conn, "<b@example.net>") == nil)
check("null sender at RCPT", mt.getreply(conn), SMFIR_CONTINUE)
expect("eom", mt.eom(conn) == nil)
check("null sender at the end", mt.getreply(conn), SMFIR_REPLYCODE)
mt.disconnect(conn)

-- A whole message of a known tuple.
conn = open()
expect("conninfo", mt.conninfo(conn, "mail.example.org", "192.0.2.65") == nil)
expect("helo", mt.helo(conn, "mail.example.org") == nil)
expect("mail", mt.mailfrom(conn, "<lua@example.org>") == nil)
expect("rcpt", mt.rcptto(conn, "<b@example.net>") == nil)
check("rcpt", mt.getreply(conn), SMFIR_CONTINUE)
expect("eom", mt.eom(conn) == nil)
expect("nothing changed", not mt.eom_check(conn, MT_HDRADD) and not mt.eom_check(conn, MT_BODYCHANGE))
mt.disconnect(conn)

-- Abrupt ends in every stage, then one more session.
for stage = 0, 3 do
  conn = open()
  if stage > 0 then mt.conninfo(conn, "mail.example.org", "192.0.2.65") end
  if stage > 1 then mt.mailfrom(conn, "<abrupt@example.org>") end
  if stage > 2 then mt.rcptto(conn, "<b@example.net>") end
  mt.disconnect(conn, false)
end
check("unknown family", try("unknown", "unspec", "<lua@example.org>", "<u@example.net>"),
      SMFIR_CONTINUE)
check("after abrupt ends", try("mail.example.org", "192.0.2.65", "<end@example.org>",
                               "<b@example.net>"), SMFIR_REPLYCODE)
