username = School user name
help-school = Come to the school life office, building B, during breaks.
shared-computer = In the library or a computer room, sign out before you leave.
shared-computer-close = In the library or a computer room, close the browser too.
