#!/usr/bin/perl
# Applications protected by AuthCAS, as its sample shows them, run by Apache: /app; /gateway, which lets
# strangers in; /portal, which asks /target in the person's name by what /callback was brought.
use strict;
use warnings;
use AuthCAS;
use JSON::PP;
use LWP::UserAgent;

my $cas = AuthCAS->new(casUrl => $ENV{CAS_URL}, CAFile => $ENV{CAS_AUTHORITY});
my $name = $ENV{SCRIPT_NAME};
my $here = "$ENV{HERE}$name";
my ($ticket) = ($ENV{QUERY_STRING} // '') =~ /(?:^|&)ticket=([^&]+)/;

sub answer {
    print "Content-Type: application/json\r\n\r\n", JSON::PP->new->canonical->encode(shift);
    exit;
}

sub go {
    print "Status: 302 Found\r\nLocation: ", shift, "\r\n\r\n";
    exit;
}

if ($name eq '/callback') {
    $cas->proxyMode(pgtFile => $ENV{PGT_FILE}, pgtCallbackUrl => $ENV{CALLBACK});
    # The sample's own expression.
    $ENV{QUERY_STRING} =~ /^pgtIou=(\S+)&pgtId=(\S+)$/ and $cas->storePGT($1, $2);
    answer({});
}
if ($name eq '/logout') {
    go($cas->getServerLogoutURL("$ENV{HERE}/app"));
}
if ($name eq '/gateway') {
    $here .= '?asked=1';
    go($cas->getServerLoginGatewayURL($here)) unless $ENV{QUERY_STRING};
    answer({ user => undef }) unless $ticket;
}
go($cas->getServerLoginURL($here)) unless $ticket;

if ($name eq '/target') {
    my ($user, @proxies) = $cas->validatePT($here, $ticket);
    answer({ user => $user, proxies => \@proxies, error => AuthCAS::get_errors() });
}
$cas->proxyMode(pgtFile => $ENV{PGT_FILE}, pgtCallbackUrl => $ENV{CALLBACK}) if $name eq '/portal';
my $user = $cas->validateST($here, $ticket);
answer({ user => $user, error => AuthCAS::get_errors() }) unless $name eq '/portal' and defined $user;

my $proxied = $cas->retrievePT("$ENV{HERE}/target");
answer({ user => $user, error => AuthCAS::get_errors() }) unless defined $proxied;
my $told = LWP::UserAgent->new->get("$ENV{HERE}/target?ticket=$proxied");
answer({ user => $user, target => decode_json($told->content) });
