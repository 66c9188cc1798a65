#!/usr/bin/perl
# An application behind Apache: it says in JSON whom the server lets in and what its headers tell.
use strict;
use warnings;
use JSON::PP;

my %told;
for my $name (grep { /^HTTP_CAS_/ } keys %ENV) {
    my $value = $ENV{$name};
    utf8::decode($value);
    $told{lc substr $name, 9} = $value;
}
print "Content-Type: application/json\r\n\r\n";
print JSON::PP->new->canonical->utf8->encode({ user => $ENV{REMOTE_USER}, told => \%told });
