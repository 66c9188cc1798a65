-- ARGV: head, tag, account, kind of death, memory of the dead
return revoke(ARGV[3], tonumber(ARGV[4]), ARGV[5])
