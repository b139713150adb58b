#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Debian's libmail-spf-perl over a table of answers: the lines of spf_table.cc.
use strict;
use warnings;
use Mail::SPF;
use Mail::SPF::Mech::IP6;
use Net::DNS;

package Table;

sub new { return bless {answers => {}, error => ''}, shift }
sub errorstring { return $_[0]{error} }

sub send {
  my ($self, $name, $type) = @_;
  my ($outcome, @values) = @{$self->{answers}{lc "$name $type"} || ['none']};
  my $packet = Net::DNS::Packet->new('a.example', $type);
  $packet->header->qr(1);
  $packet->header->rcode({none => 'NXDOMAIN', fails => 'SERVFAIL'}->{$outcome} || 'NOERROR');
  for my $value (@values) {
    my %data = (owner => 'a.example', type => $type);
    if ($type eq 'TXT') { $data{txtdata} = [$value =~ /(.{1,255})/gs] }
    elsif ($type eq 'PTR') { $data{ptrdname} = $value }
    elsif ($type eq 'MX') { @data{qw(preference exchange)} = split /:/, $value, 2; $data{exchange} = '.' if $data{exchange} eq '' }
    else { $data{address} = $value }
    $packet->push(answer => Net::DNS::RR->new(%data));
  }
  return $packet;
}

package main;

# RFC 7208 5.6: IPv4 clients match ip4 alone. Theirs are IPv6 clients as well, of ::ffff:0:0/96.
{
  no warnings 'redefine';
  my $match = Mail::SPF::Mech::IP6->can('match');
  *Mail::SPF::Mech::IP6::match = sub { return $_[2]->ip_address->version == 6 && $match->(@_) };
}

sub from_hex { return $_[0] eq '-' ? '' : pack('H*', $_[0]) }
sub to_hex { return length $_[0] ? unpack('H*', $_[0]) : '-' }

$| = 1;
my $table = Table->new;
# Of RFC 4408: nothing is said there of void lookups.
my $server = Mail::SPF::Server->new(dns_resolver => $table, query_rr_types => Mail::SPF::Server->query_rr_type_txt,
  max_void_dns_lookups => undef);
while (my $line = <STDIN>) {
  my ($what, @words) = split ' ', $line;
  if ($what eq 'zone') {
    $table->{answers} = {};
  } elsif ($what eq 'answer') {
    my ($name, $type, $outcome, @values) = @words;
    @values = map { from_hex($_) } @values;
    @values = sort { (split /:/, $a)[0] <=> (split /:/, $b)[0] } @values if $type eq 'MX';
    $table->{answers}{lc(from_hex($name) . " $type")} = [$outcome, @values];
  } else {
    my ($client, $sender, $helo) = ($words[0], from_hex($words[1]), from_hex($words[2]));
    my $result = eval {
      # RFC 7208 2.4: the null sender is "postmaster" at the HELO name, in %{s} as well.
      my $request = Mail::SPF::Request->new(versions => [1], scope => 'mfrom', ip_address => $client,
        identity => $sender eq '' ? "postmaster\@$helo" : $sender, helo_identity => $helo);
      $server->process($request);
    };
    my ($code, $text) = $result ? ($result->code, $result->text) : ('died', "$@");
    print join(' ', $code, 0, 0, 0, '-', to_hex($text)), "\n";
  }
}
