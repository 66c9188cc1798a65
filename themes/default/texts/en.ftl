# The words of the pages, in English. Same keys and placeholders as fr.ftl.

language-name = English
title-error = Error: { $title }
moment-time = { $hour }:{ $minute } ({ $zone })
moment-zone =
    { $city ->
        [Paris] Paris time
        [Guadeloupe] Guadeloupe time
        [Martinique] Martinique time
        [Cayenne] French Guiana time
        [Reunion] Réunion time
        [Mayotte] Mayotte time
        [Miquelon] Saint-Pierre and Miquelon time
        [Noumea] Nouméa time
        [Tahiti] Tahiti time
        [Wallis] Wallis time
       *[other] { $offset }
    }
moment-day =
    { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[other] December
    } { $year }
wait-until = at { $time }
wait-seconds =
    { $seconds ->
        [one] in { $seconds } second
       *[other] in { $seconds } seconds
    }

## Around every page

skip = Skip to content
demo = Demonstration: the people and institutions are invented.
test = Test institution: do not use it in earnest.
change-institution = Change school or university
help = Need help?
help-school = Ask your school office or IT desk.
contact-site = Help page
languages = Languages
accessibility-full = Accessibility: fully compliant
accessibility-partial = Accessibility: partly compliant
accessibility-none = Accessibility: not compliant
legal-notice = Legal notice
privacy = Personal data
draft-language = This translation is a draft: nobody has reviewed it yet.
banner = Notice
banner-until = Until { $day } at { $time }.
support-code = Support code: { $code }
support-code-label = Support code
ask = Ask { $contact }:
ask-school = Ask your school office or IT desk.
back = Back
try-again = Try again

## Signing in

login-title = Sign in
login-for = To use { $service }
username = User name
password = Password
password-show = Show
password-hide = Hide
caps-lock = Caps Lock is on.
warn-me = Warn me before another application opens
remember-me =
    { $days ->
        [one] Keep me signed in on this device ({ $days } day)
       *[other] Keep me signed in on this device ({ $days } days)
    }
remember-me-hint = Do not tick this on a shared computer.
sign-in = Sign in
forgot-password = Forgot your password?
forgot-username = Forgot your user name?
activate = First time here: activate my account
problem-empty = Something is missing
problem-wrong = Could not sign in
problem-throttled = Too many tries
problem-directory-down = One moment, please
problem-page-too-old = This page was open for too long
problem-session-ended = You have been signed out
problem-cookies-blocked = Cookies are blocked
login-no-username = Enter your user name.
login-no-password = Enter your password.
login-wrong = The user name or password does not match.
login-wrong-look = Check your capitals, then type your password again.
login-wrong-look-institution = Check your capitals and the school shown above, then type your password again.
login-tries-seconds =
    { $left ->
        [one] { $left } more try
       *[other] { $left } more tries
    } before a pause of { $seconds ->
        [one] { $seconds } second.
       *[other] { $seconds } seconds.
    }
login-tries-minutes =
    { $left ->
        [one] { $left } more try
       *[other] { $left } more tries
    } before a pause of { $minutes ->
        [one] { $minutes } minute.
       *[other] { $minutes } minutes.
    }
login-throttled = To protect your account, signing in is paused. Try again { $wait }.
login-directory-down = Your school’s sign-in service is not answering. Nothing is wrong on your side: try again in a few minutes.
login-page-too-old = We kept your user name: type your password again.
login-session-ended = Your account is closed or has changed. Type your password to find out more.
cookies-text = Your browser does not accept the cookies that signing in needs.
cookies-mend = Allow cookies for this address, or leave private browsing, then try again.
confirm-title = Confirm your password
confirm-text = You are already signed in. To keep your account safe, type your password again.
confirm-text-service = To keep your account safe, type your password again before opening { $service }.
confirm-wrong = The password does not match. Check your capitals.
confirm = Confirm
not-me = This is not me

## Session

signed-in-title = You are signed in
signed-in-as = As { $name } ({ $place }).
signed-in-next = Open any application: it will not ask for your password again.
your-services = Your applications
sign-out = Sign out
shared-computer = On a shared computer, sign out before you leave.
signed-out-title = You are signed out
shared-computer-close = On a shared computer, close the browser too.
services-told =
    { $count ->
        [one] { $count } application was told that you left.
       *[other] { $count } applications were told that you left.
    }
continue-to = Continue to { $service }
sign-in-again = Sign in again
sign-out-title = Sign out?
sign-out-text = You are signed in as { $name }. Your applications will be closed as well.
stay-signed-in = Stay signed in
warning-title = Open this application?
warning-text = { $service } will learn that you are { $name }.
warning-address = Address:
go-on = Continue
stay-here = Do not open
stop-warning = Do not warn me again

## Applications

unknown-service-title = Unknown application
unknown-service-host = The application { $host } is not registered with the sign-in service.
unknown-service-address = The application that sent you here is not registered with the sign-in service.
unknown-service-safe = To be safe, nothing was sent to it. Go back to the application by its usual address; if this happens again, report it.
for-administrator = For the administrator
detail-service = Address asked for (service)
detail-realm = Realm
detail-tried = Rules tried
detail-code = Support code
denied-title = Access refused
denied-not-yet-title = Not open yet
denied-not-yours = { $service } is not open to your account.
denied-disabled = { $service } is closed for now.
denied-no-single-sign-on = { $service } asks for a sign-in of its own: open it and type your password again.
denied-opens-at = { $service } opens to you on { $day } at { $time }.
denied-as = You are signed in as { $name }.

## Account closed (after a right password)

closed-password-expired-title = Your password has expired
closed-password-expired = The password of the account { $name } is no longer valid.
closed-password-expired-since = The password of the account { $name } has not been valid since { $day }.
closed-password-expired-next = Your account is still there: all you need is a new password.
closed-must-change-title = Your password must be changed
closed-must-change = The password of the account { $name } is temporary: another one must be chosen before you go on.
closed-must-change-next = This cannot be done on this page yet.
closed-announced-title = Your account is not open yet
closed-announced = The account { $name } is ready but not open yet.
closed-announced-since = The account { $name } is ready; it opens on { $day }.
closed-announced-next = Come back on that day. If you need it sooner, ask for help.
closed-inactive-title = Your account is no longer active
closed-inactive = The account { $name } is no longer active.
closed-inactive-since = The account { $name } has not been active since { $day }.
closed-inactive-next = If you still study or work here, ask to have it opened again.
closed-suspended-title = Your account is suspended
closed-suspended = The account { $name } was suspended by your institution.
closed-suspended-next = Only your institution can open it again.
closed-locked-title = Your account is locked
closed-locked = The account { $name } is locked after too many tries.
closed-locked-next = Wait a quarter of an hour before you try again. If those tries were not yours, report it.
closed-not-activated-title = Your account is not activated yet
closed-not-activated = The account { $name } exists but has not been activated yet.
closed-not-activated-next = Have the letter or the code you received at enrolment at hand.
sign-in-other = Sign in with another account

## Institutions

picker-title = Which school or university are you from?
picker-unknown = The link you used names an unknown school. Look for yours below.
picker-recent = Your earlier choices
picker-forget = Forget this choice
picker-always = Always use
picker-always-used = Used without asking you
picker-label = Name, town, postcode or UAI code
picker-hint = You can also type your e‑mail address.
picker-search = Search
picker-list = Schools and universities
picker-remember = Remember my choice on this device
picker-near = Near me
picker-near-wait = Finding where you are…
picker-near-failed = Your position could not be found. Try the name of the town.
picker-departments = Browse by département
picker-found =
    { $total ->
        [one] { $total } school or university
       *[other] { $total } schools and universities
    }
picker-found-first =
    { $total ->
        [one] { $total } result
       *[other] { $total } results
    }, first { $shown } shown
picker-found-range =
    { $total ->
        [one] { $total } result
       *[other] { $total } results
    }, { $first } to { $last }
picker-none = No match
picker-nothing = Check the spelling or try the town.
picker-nothing-said = No match. Check the spelling or try the town.
picker-near-miss = Nothing matches exactly. These come close.
picker-failed = Suggestions are not coming. Press “Search”.
picker-around = Near you
picker-around-nothing = We know no school or university near you. Try the name of the town.
picker-kilometres =
    { $km ->
        [0] less than a kilometre away
       *[other] about { $km } km away
    }
picker-few = All schools and universities
picker-lost = I cannot find mine
picker-lost-town = Try the town or postcode of the school, not those of your home.
picker-lost-code = The UAI code (7 digits and a letter) is printed on school reports and certificates.
picker-lost-name = Try a single word of its name: it may be listed under a shorter one.
pages = Pages
page-previous = Previous page
page-next = Next page
browse-path = Where you are
browse-picker = Search
browse-departments = Départements
browse-elsewhere = Elsewhere
browse-letters = Go to a letter
browse-nothing = Nothing is listed here.

## Public page

welcome-title = Find my school or university
welcome-find = Open the page of my school or university
welcome-trouble = Trouble signing in
audience-everybody = Getting started
audience-pupils = Pupils
audience-parents = Parents
audience-students = Students
audience-teachers = Teachers
audience-staff = Staff

login-elsewhere-link = The link you used also names { $institution }.
login-elsewhere-address = This address seems to belong to { $institution }.
login-elsewhere-go = Change institution
accounts-title = Which account?
accounts-text = You are signed in at several institutions. Choose the one to use now.
accounts-other = Sign in at another institution

## Accessibility statement

statement-title = Accessibility statement
statement-for = { $place } is committed to making its sign-in service accessible to everyone, as required by article 47 of the French law no. 2005-102 of 11 February 2005.
statement-address = Service concerned:
statement-level = Compliance status
statement-full = This service complies fully with the French accessibility standard (RGAA), version 4.1.
statement-partial = This service complies partly with the French accessibility standard (RGAA), version 4.1.
statement-none = This service is not declared compliant with the French accessibility standard (RGAA), version 4.1: no audit has established it yet.
statement-rate = According to the audit, { $rate }% of the criteria are met.
statement-gaps = Content that is not accessible
statement-day = This statement was made on { $day }.
statement-contact = Having trouble?
statement-contact-text = If you cannot use a page, tell us: we will help you reach the service another way, or mend the page.
statement-rights = Enforcement
statement-rights-text = If you reported a difficulty and did not get a satisfactory answer, you can turn to the French Defender of Rights (Défenseur des droits):
statement-rights-post = by post, free of charge, no stamp needed:

## Incidents

trouble-not-found-title = Page not found
trouble-not-found = This address leads nowhere. It may be incomplete, or the page was removed.
trouble-unavailable-title = Sign-in is unavailable for the moment
trouble-unavailable = Nothing is wrong on your side: try again in a few minutes.
trouble-too-many-title = Too many requests
trouble-too-many = Many requests came at once. Try again { $wait }.
trouble-cookies-title = Cookies are blocked
trouble-looping-title = The application keeps sending you back
trouble-looping = You are signed in, but { $service } will not open its page and sends you back here.
trouble-looping-next = Wait a moment, then open the application again. If it happens again, tell the help desk.
trouble-bad-request-title = Request not understood
trouble-bad-request = The link or form you used is incomplete. Go back to the application and start again.
trouble-not-allowed-title = Request not possible
trouble-not-allowed = This page cannot be opened this way. Go back to the application and start again.
trouble-no-institution-title = No school or university
trouble-no-institution = No school or university is registered here yet.
trouble-no-institution-service = None of the schools and universities registered here can use { $service }.
trouble-closed-title = Institution closed
trouble-closed = { $institution } no longer offers sign-in here.
trouble-address-title = Unexpected address
trouble-address = You came by the address { $address }, which this service does not know as its own. Go back to the application and start again.
trouble-incident-title = Something went wrong
trouble-incident = It is not your fault. The incident has been recorded.
trouble-incident-next = If it happens again, give this code to the help desk: it finds what happened.

## Signing in with another server

login-or = OR
login-with = Sign in with { $name }
ways-families = Pupils and parents
ways-staff = Staff
sign-in-otherwise = Sign in another way
delegation-failed-title = Signing in with { $name } did not work
delegation-failed = { $name } did not finish signing you in. You did nothing wrong.
delegation-step-foreign = This browser did not begin this sign-in, or it refuses the cookies that it needs. Start again.
delegation-step-late = You came back too late: after ten minutes you have to start again.
delegation-step-again = This page has been used already. Start again.
delegation-step-given-up = You came back without signing in.
delegation-step-withdrawn = Your school no longer offers this way to sign in.
delegation-step-silent = Its server did not answer when we asked who you are. Try again in a few minutes.
delegation-step-unreadable = Its server answered, but in a way that we do not understand.
delegation-step-refused = Its server did not confirm the sign-in that your browser brought.
delegation-step-nameless = You are signed in there, but that service does not tell us which account is yours here.
delegation-step-unknown = You are signed in there, but no account here matches yours.
delegation-step-too-many = You are signed in there, but too many accounts here match yours.
delegation-code = Step that failed: { $code }
choose-account-title = Which account do you want to use?
choose-account = Several accounts match your sign-in with { $name }. Choose the one you need.
choose-account-service = Several accounts match your sign-in with { $name }. Choose the one that will open { $service }.
still-signed-in = You may still be signed in to { $name }.
sign-out-too = Sign out of { $name } too

## New password

newpw-rule-length = At least { $n } characters. Four random words work well.
newpw-rule-personal = Without your name, user name, birth date or the name of your school.
newpw-rule-common = Not a common password, even with a year or digits behind it.
newpw-rule-lower = At least one small letter.
newpw-rule-upper = At least one capital letter.
newpw-rule-digit = At least one digit.
newpw-rule-symbol = At least one sign or space.
newpw-flaw-short = This password is too short: it takes at least { $n } characters. Add a word or two.
newpw-flaw-long = This password is too long: { $n } characters at most.
newpw-flaw-control = This password has an invisible character in it, a tab for example. Type it without.
newpw-flaw-personal = Leave out your name, user name or address: this password contains “{ $part }”.
newpw-flaw-birth-date = Leave out your birth date: others know it.
newpw-flaw-here = Leave out your school and its town: this password contains “{ $part }”.
newpw-flaw-common = This password is too common: it is “{ $part }” in disguise. Choose another one, four random words for example.
newpw-flaw-breached = This password is on a list of stolen passwords. Choose another one, and change it wherever you use it.
newpw-flaw-guessable = Still too easy to guess. Add a word or two that have nothing to do with it.
newpw-flaw-guessable-part = Still too easy to guess: contains “{ $part }”. Add a word or two that have nothing to do with it.
newpw-flaw-lower = Add a small letter.
newpw-flaw-upper = Add a capital letter.
newpw-flaw-digit = Add a digit.
newpw-flaw-symbol = Add a sign or a space.
newpw-flaw-differs = The two entries differ. Type the same password twice, or show it.
newpw-flaw-same = This is your password already. Choose another one.
newpw-strength-very-weak = Guessed at once
newpw-strength-weak = Very easy to guess
newpw-strength-fair = Still too easy to guess
newpw-strength-good = Hard to guess
newpw-strength-strong = Very hard to guess

## Security events

event-signed-in = Signed in
event-sign-in-refused = Sign-in refused
event-sign-in-throttled = Sign-in refused: too many tries
event-session-ended = Signed out
event-sessions-ended = All sessions were closed
event-recovery-requested = New password asked for
event-recovery-sent = Link to choose a password sent
event-recovery-over-budget = New password asked for, nothing sent: too many requests
event-recovery-refused = Request for a new password refused
event-recovery-revoked = Request reported as not yours: its links are dead
event-link-opened = Link opened
event-code-tried = Code typed
event-ticket-claimed = New password being chosen
event-password-refused = New password refused by the directory
event-password-written = Password changed
event-ticket-spent = Link used
event-notice-queued = Message about it prepared
event-address-added = Recovery address added
event-address-confirmed = Recovery address confirmed
event-address-removed = Recovery address removed
event-address-restored = Recovery address restored
event-sent-by-agent = Link or code given by the help desk

# CAPTCHA
captcha-title = Show that you are not a robot
captcha-legend = Check
captcha-hint = Type the characters you see, or the digits you hear. Capitals and spaces do not matter.
captcha-picture = Picture of six letters to copy; you can listen to digits instead
captcha-listen = Listen to the digits
captcha-player = Six digits to listen to
captcha-answer = Characters you see or digits you hear
captcha-other = Another picture and other digits
captcha-person = I cannot do this: ask a person
captcha-mend = There is a problem
captcha-wrong = The characters do not match. Here is a new picture.
captcha-gone = That check had expired or was used already. Here is a new picture.
captcha-computing = Automatic check under way…
captcha-computed = Automatic check passed.
captcha-next = Next
