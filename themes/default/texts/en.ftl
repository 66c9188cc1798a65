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
        [one] Keep me signed in on this device (up to { $days } day)
       *[other] Keep me signed in on this device (up to { $days } days)
    }
remember-me-hint = On a personal device only, never on a shared computer.
sign-in = Sign in
forgot-password = Forgot your password?
lost-password = I forgot my password
forgot-username = Forgot your user name?
activate = First time here: activate my account
problem-empty = Something is missing
problem-wrong = Could not sign in
problem-throttled = Too many tries
problem-check = One more check
problem-not-human = Please try again
problem-check-gone = Please try again
problem-directory-down = One moment, please
problem-crowded = Very busy at the moment
problem-page-too-old = This page was open for too long
problem-session-ended = You have been signed out
problem-vouched = Could not sign you in automatically
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
login-check = Many sign-ins from your network are failing at the moment. Copy the characters of the picture, then type your password again: your account is not blocked.
login-not-human = The answer does not match: here is another one. Type your password again, too.
login-check-gone = That check had expired or was used already: here is another one. Type your password again, too.
login-directory-down = Your school’s sign-in service is not answering. Nothing is wrong on your side: try again in a few minutes.
login-crowded = Your school’s directory is very busy: your password could not be checked. This does not count as a failed try and nothing is lost; your username is kept.
login-crowded-next =
    { $seconds ->
        [one] Wait one second, then type your password again.
       *[other] Wait { $seconds } seconds, then type your password again.
    }
waiting-text = Your school’s directory is very busy. Nothing is lost: leave this page open, it waits its turn for you and goes on by itself.
waiting-still = It is still busy. This page goes on waiting for you: there is nothing to do.
waiting-over = It is still very busy. As a precaution your password was erased from this page: type it again when you want to retry.
waiting-stop = Stop waiting
login-page-too-old = We kept your user name: type your password again.
login-session-ended = Your account is closed or has changed. Type your password to find out more.
login-vouched = The account that your computer names is not known here. Enter your user name and your password.
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
switch-account = Use another account
shared-computer = On a shared computer, sign out before you leave.
signed-out-title = You are signed out
shared-computer-close = On a shared computer, close the browser too.
farewell-title = Your applications
farewell-underway = being signed out…
farewell-yes = signed out
farewell-no = perhaps still signed in
farewell-by-browser = told by your browser
farewell-close-them = An application did not confirm: sign out of it yourself, or close the browser.
farewell-no-need-to-wait = No need to wait: this goes on without you.
farewell-look-again = See how far it has come
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

## Letters

mail-greeting = Hello,
mail-greeting-name = Hello { $name },
mail-login = User name: { $login }
mail-device = { $browser } on { $system }
mail-asked = Request received on { $day } at { $time }.
mail-asked-device = Request received on { $day } at { $time }, from { $device }.
mail-until-hours =
    { $hours ->
        [one] The link and the code work for { $hours } hour, until { $day } at { $time }, and only once.
       *[other] The link and the code work for { $hours } hours, until { $day } at { $time }, and only once.
    }
mail-until-minutes =
    { $minutes ->
        [one] The link and the code work for { $minutes } minute, until { $day } at { $time }, and only once.
       *[other] The link and the code work for { $minutes } minutes, until { $day } at { $time }, and only once.
    }
mail-open-link = Open this address to choose your new password:
mail-copy-link = If the address does not open with a click, copy all of it and paste it into the address bar of your browser.
mail-code-instead = Or, on another device, type your user name and this code: { $code }
mail-never-asked = Nobody from your school or university will ask you for this code, or for your password.
mail-not-you = Was it not you? You can ignore this message: your password will not change. You can also cancel the request at this address:
mail-ignore = Was it not you? You can ignore this message: nothing has changed.
mail-you-fine = Was it you? There is nothing you need to do.
mail-not-me-ask = Was it not you? Tell the help desk of your school or university at once.
mail-thanks = Thank you.
mail-answer = A question? You can answer this message.
mail-no-answer = This message is sent automatically: nobody reads answers to it.
mail-reset-links-subject = Choose a new password
mail-reset-why = You, or somebody in your place, asked for a new password.
mail-reset-why-agent = Your help desk sends you what you need to choose a new password.
mail-shared-text = Several accounts use this address. The page will ask for the user name of the account: only the password of that account will change.
mail-shared-until = The link is good until { $day } at { $time }; it works once for each account.
mail-provisional-subject = Your provisional code
mail-provisional-why = You, or somebody in your place, asked to choose your password.
mail-provisional-code = On the sign-in page, type your user name and, in place of the password, this provisional code: { $code }
mail-provisional-then = You will choose your password right away; the code opens nothing else.
mail-provisional-link = Or open this address:
mail-identifiers-subject = Your user names
mail-identifiers-why = You asked, or somebody asked in your place, for your user names. Here are those that go with this address.
mail-identifiers-not-you = Was it not you? You can ignore this message: only you receive it.
mail-identifiers-back = To go back to the page where you were, with your user name filled in, open this address:
mail-not-activated-subject = Your account is not activated
mail-activate-at = Your account is not activated: it has no password yet. Activate it at this address:
mail-activate-ask = Your account is not activated: it has no password yet. Ask your school or university how to activate it.
mail-federated-subject = Where to change your password
mail-federated = The password of this account is not changed here, but where you sign in:
mail-refused-by-policy-subject = Your request for a password
mail-refused = The password of this account cannot be changed online. Please ask your school or university.
mail-password-changed-subject = Your password has changed
mail-changed = The password of the account { $login } was changed on { $day } at { $time }.
mail-changed-mail = By a link or a code received by e-mail.
mail-changed-sms = By a code received in a text message.
mail-changed-agent = By a code from the help desk.
mail-changed-account = From the page “My account”.
mail-changed-forced = Because the sign-in page asked for it.
mail-device-line = Device: { $device }
mail-network-line = Network: { $prefix }
mail-changed-networks = Asked for from the network { $from } on { $day } at { $time }, used from the network { $prefix }.
mail-changed-not-me = Was it not you? Open this address to close the account and tell the help desk:
mail-unlocked-subject = Your account is unlocked
mail-unlocked = The account { $login } is unlocked: failed tries no longer stop it.
mail-address-added-subject = A recovery address is new
mail-address-added = { $mask } is a recovery address or number of the account { $login } since { $day } at { $time }.
mail-address-removed-subject = A recovery address is gone
mail-address-removed = { $mask } is no longer a recovery address or number of the account { $login } since { $day } at { $time }.
mail-address-changed-subject = A recovery address has changed
mail-address-changed = A recovery address or number of the account { $login } became { $mask } on { $day } at { $time }.
mail-undo = Was it not you? Undo this change at this address:
mail-confirm-address-subject = Confirm your address
mail-confirm = The account { $login } would like to use this address to get back its password.
mail-confirm-code = Confirmation code: { $code }
mail-confirm-link = Or open this address, and type the code there:
mail-confirm-until = The code works until { $day } at { $time }.
mail-confirm-ignore = Was it not you? Ignore this message: the address will not be used.
mail-sent-by-agent-subject = The help desk acted on your account
mail-agent-sent = On { $day } at { $time }, the help desk sent to { $mask } what is needed to choose a new password for the account { $login }.
mail-agent-printed = On { $day } at { $time }, the help desk printed a code to choose a new password for the account { $login }.
mail-agent-revoke = Did you not ask for it? Cancel it at this address:
mail-disowned-subject = A change of password is disputed
mail-disowned = On { $day } at { $time }, a person reported that the password of the account { $login } was not changed by them.
mail-disowned-next = Check with them, by a way that you know, before you open the account again.
sms-reset-code = { $brand }: code { $code } to choose your password, valid for { $minutes } min. Give it to nobody.
sms-confirm = { $brand }: code { $code } to confirm this number. Give it to nobody.
sms-changed = { $brand }: the password of { $login } has changed. Was it not you? Tell the help desk.

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

## Forgotten password or user name

cancel = Cancel
back-to-sign-in = Back to sign in
no-access = I no longer have that e-mail or phone
recover-title = Choose a new password
recover-lede = Tell us who you are: we will send you a link.
recover-lede-service = Tell us who you are: we will send you a link. You can then open { $service }.
recover-username-title = Find my user name
recover-username-lede = Give your e-mail address: your user names will be sent there.
recover-identifier-or-email = User name or e-mail address
recover-email = E-mail address
recover-email-hint = The one your school has on file, for example camille@example.com
recover-no-identifier-or-email = Enter your user name or your e-mail address.
recover-no-email = Enter your e-mail address.
recover-submit = Send me a link
recover-submit-sms = Send me a code by text message
recover-username-submit = Send me my user name
recover-have-code = I already have a code
recover-otherwise = Other ways
recover-by-mail = Find my user name by e-mail
recover-by-who = Find my user name without an e-mail address
recover-problem-empty = Something is missing
recover-problem-unfit = Please correct this
recover-problem-not-human = Please try again
recover-problem-check-gone = Please try again
recover-problem-page-too-old = This page was open for too long
recover-problem-cookies-blocked = Cookies are blocked
recover-problem-unavailable = One moment, please
recover-unfit = This user name has characters that cannot be in one, or it is too long. Enter it again.
recover-not-human = The answer does not match. Here is another one; we kept what you typed.
recover-check-gone = That check had expired or was used already: here is another one.
recover-page-too-old = Please try again: we kept what you typed.
who-title = Who am I?
who-lede = Your user name will be sent to the addresses that your school knows. Nothing is shown here.
who-name = Family name
who-name-hint = As on your enrolment papers; capitals and accents do not matter.
who-born = Date of birth
who-born-hint = For example 7 3 2004
who-day = Day
who-month = Month
who-year = Year
who-number = INE or student number
who-number-hint = On your card, your school certificate or your transcripts.
who-no-name = Enter your family name.
who-no-born = Enter a date of birth that exists: day, month and year in four digits.
who-no-number = Enter your INE or student number.
recover-unavailable = Your school’s directory is not answering: no message can be sent for the moment. Nothing is wrong on your side: try again in a few minutes.
sent-title = Check your messages
sent-text = If an account matches, a message leaves within five minutes to the address on file.
sent-sms-text = If an account matches, a code leaves by text message to the number on file. It works once, for { $minutes } minutes.
sent-until = The link works once, until { $day }, { $time }.
sent-sms = If you get a text message instead of an e-mail, its code is good for { $minutes } minutes.
sent-username-text = If accounts match, a message with their user names leaves within five minutes to this address.
sent-who-text = If this matches an account, its user name leaves within five minutes to the addresses on file.
sent-spam = Look in your spam folder, too.
sent-sender = Sender:
sent-subject = Subject:
sent-code = I have received a code
sent-nothing = Nothing received?
sent-none = If we hold no address for you, or it was never confirmed, or your account is a temporary one, nothing can be sent.
sent-back = I have found my user name: back to the page before
resend = Send the message again
resend-from = Possible from { $time }.
resend-early = The message may still be on its way: you can send it again from { $time }.
code-title = Enter the code you received
code-text = The message has a link and a code. The code does what the link does, for example when you read your messages on another device.
code-without-cookies = This browser blocks cookies, so the link cannot open by itself. Enter the code that is in the same message.
code-label = Code
code-hint = Eight characters; spaces and capitals do not matter.
code-problem-empty = Something is missing
code-problem-wrong = Code refused
code-problem-page-too-old = This page was open for too long
code-problem-too-many = Too many tries
code-empty = Enter your user name and the code of the message.
code-wrong = This code does not go with this user name, or it no longer works. Check both, or ask for a new message.
code-page-too-old = Enter the code again: nothing was lost.
code-too-many = To keep accounts safe, codes from your network are refused for an hour.
newpw-title = Your new password
newpw-account = Account: { $login } – { $school }
newpw-whose = Several accounts use your address. Tell us which one: only its password will change.
newpw-then = You will then go on to { $service }.
newpw-why-expired = Your password has expired: choose a new one.
newpw-why-must-change = Your password is a temporary one: choose your own.
newpw-why-provisional = Your code is right: now choose your password.
newpw-why-ending = Choose your new password now, and it is off your mind.
ending-title = Your password expires soon
ending-today = It is good only until { $day }, { $time }. Change it now: it takes a minute.
ending-text =
    { $days ->
        [one] It is good for { $days } more day, until { $day }, { $time }. Change it now: it takes a minute.
       *[other] It is good for { $days } more days, until { $day }, { $time }. Change it now: it takes a minute.
    }
ending-stuck = It cannot be changed at this moment. You can do so when you next sign in, before that date.
ending-change = Change my password
ending-later = Later
ending-later-service = Later: go on to { $service }
newpw-rules = Your password has to follow these rules:
newpw-current = Current password
newpw-new = New password
newpw-confirm = The same once more
newpw-submit = Save password
newpw-until = This page works until { $day }, { $time }.
newpw-sent-to = Link or code received at: { $mask }
newpw-not-mine-text = Did you not ask for this?
newpw-not-mine = I did not ask for this
newpw-problem-empty = Something is missing
newpw-problem-username-wrong = Please correct this
newpw-problem-username-empty = Something is missing
newpw-problem-weak = Choose another password
newpw-problem-refused = Password refused
newpw-problem-too-young = Too early
newpw-problem-current-empty = Something is missing
newpw-problem-current-wrong = Current password refused
newpw-problem-busy = In progress
newpw-problem-unknown = We are not sure
newpw-problem-directory-down = One moment, please
newpw-problem-closed = One moment, please
newpw-problem-page-too-old = This page was open for too long
newpw-empty = Enter your new password.
newpw-username-wrong = This user name does not go with this message. Check it, or find it by the link below.
newpw-username-empty = Enter the user name of the account.
newpw-current-empty = Enter your current password.
newpw-current-wrong = This is not your current password. Check capitals.
newpw-still-good = Nothing is lost: your link still works.
newpw-refused-too-short = Your school’s directory finds this password too short.
newpw-refused-too-long = Your school’s directory finds this password too long.
newpw-refused-in-history = You have used this password before. Choose another one.
newpw-refused-quality = Your school’s directory finds this password too easy to guess.
newpw-refused-not-allowed = Your school’s directory does not allow this change. You did nothing wrong: please tell the help desk.
newpw-refused-other = Your school’s directory refused this password. Choose another one.
newpw-too-young = Your password was changed a short time ago: your school’s directory wants you to wait. Try again later.
newpw-too-young-until = Your password was changed a short time ago: your school’s directory wants you to wait until { $day }, { $time }.
newpw-busy =
    { $seconds ->
        [one] A change is under way. Try again in { $seconds } second.
       *[other] A change is under way. Try again in { $seconds } seconds.
    }
newpw-unknown = Your school’s directory did not answer in time. Check by signing in with the new password; if it is refused, come back to this page.
newpw-directory-down = Your school’s directory is not answering; nothing was changed. Your link still works: try again in a few minutes.
newpw-closed = Your school’s directory cannot save a password for the moment. There is no need to type one now: try again in a few minutes.
newpw-page-too-old = Enter your password again: your link still works.
saved-title = Your new password is saved
saved-told = A message that confirms it is on its way to your addresses.
saved-ended =
    { $count ->
        [one] { $count } other session was closed.
       *[other] { $count } other sessions were closed.
    }
saved-keep = Keep it to yourself: nobody at your school will ask for it. Change it wherever a device remembers it, too (Wi-Fi, mail).
saved-go = Sign in to { $service }
link-again = Get a new link
link-unknown-title = Unknown link
link-unknown = The link may be incomplete: copy the whole address from the message, or enter the code.
link-expired-title = This link no longer works
link-expired = It expired on { $day }, { $time }. Your password has not changed.
link-used-title = This link was already used
link-used = It was used on { $day }, { $time } to choose a password. If that was not you, ask for a new link and tell your school.
link-replaced-title = This link was replaced
link-replaced = Since { $day }, { $time } a newer message takes its place: use the link of that message.
link-revoked-title = This link was cancelled
link-revoked = It has opened nothing since { $day }, { $time }: the request was cancelled, or a sign-in, a new password or a new address ended it.
link-busy-title = A change is under way
link-busy = A password is being chosen with this link on another page. Try again in thirty seconds.
link-changed-title = Your password has already been changed
link-changed = This link is older than that change: it opens nothing any more.
link-worn-out-title = This link cannot be used any more
link-worn-out = Too many passwords were refused with this link. Ask for a new one.
link-closed-title = No change possible here
link-closed = The password of this account cannot be changed on this page.
link-lost-title = Let us start again from the message
link-lost = This page was open for too long, or comes from another browser. Open the link of the message again.
link-not-offered-title = No change online
link-not-offered = Your school does not let you choose a new password here.
sure-request = It was not I who asked for this
sure-change = It was not I who made this change
sure-problem = A box to tick
sure-missing = Tick the box, then press the button again: this way no mail robot answers in your place.
sure-not-me = It was not I who chose this new password
disown-title = Close this account?
disown-text = The password of your account was changed. If it was not you, close the account: nobody will be able to sign in to it, every device will be signed out, and your school’s support will be told.
disown-reopen = Only the support can open it again, once it has made sure who you are.
disown = Close the account
disown-done-title = The account is closed
disown-done = Nobody can sign in to it any more, and your school’s support has been told.
disown-done-next = Get in touch with it to have the account opened again.
disown-dead-title = This link is of no use any more
disown-dead = It was used already, it was cut off, or more than seven days have passed. Get in touch with your school’s support.
revoke-title = Cancel the request?
revoke-text = A new password was asked for your account. If it was not you, cancel it: the links that were sent will open nothing any more.
revoke = Cancel the request
revoked-title = The request is cancelled
revoked-text = Your password has not changed, and the links that were sent open nothing any more.
revoked-next = If such messages come again, tell your school.
outbox-title = Messages of the demonstration
outbox-text = Nobody receives them: they stay here.
outbox-empty = No message yet. They arrive within seconds.
hub-title = Need help?
hub-text = Choose what has happened.
hub-password = I forgot my password
hub-password-text = A link is sent to the address your school has on file. With it you choose a new password in two minutes.
hub-username = I forgot my user name
hub-username-text = Your user names are sent to the e-mail address your school has on file.
hub-activate = I have not activated my account yet
hub-activate-text = An account is activated with the letter or message you received from your school.
hub-activate-go = Activate my account
hub-access-text = To keep you safe, only your school can change the address or number that receives the link. They will check that it is you.
hub-parent = I am a parent and need help
hub-parent-text = Each parent has an account of their own. If your children are at the same school, one message may be about several accounts: look at the user name of each.
hub-ask = This cannot be done here for your school: ask for help below.

## Institutions

picker-title = Which school or university are you from?
picker-recover = To get back into your account.
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
trouble-busy-title = Very busy at the moment
trouble-busy = Your request was not handled, and nothing is wrong on your side: try again in a few seconds.
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
delegation-step-late = More than ten minutes have passed: you have to start again.
delegation-step-again = This page has been used already. Start again.
delegation-step-given-up = The sign-in there was not done, or it was cancelled.
delegation-step-withdrawn = Your school no longer offers this way to sign in.
delegation-step-silent = Its server did not answer when we asked who you are. Try again in a few minutes.
delegation-step-unreadable = Its server answered, but in a way that we do not understand.
delegation-step-refused = Its server did not confirm the sign-in that your browser brought.
delegation-step-nameless = You are signed in there, but that service does not tell us which account is yours here.
delegation-step-unknown = You are signed in there, but no account here matches yours.
delegation-step-too-many = You are signed in there, but too many accounts here match yours.
delegation-code = Step that failed: { $code }
onward-title = You are signed in
onward = You are on the way to { $service }. If nothing happens, continue yourself.
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
newpw-flaw-here = Leave out your school, its town and the year: this password contains “{ $part }”.
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
event-ticket-replayed = A ticket that had been used was presented again
event-session-ended = Signed out
event-sessions-ended = All sessions were closed
event-epoch-raised = All sessions and links were cancelled
event-must-change = A new password is asked for at the next sign-in
event-must-change-lifted = A new password is no longer asked for
event-keys-rotated = Keys of the service were replaced
event-recovery-requested = New password asked for
event-recovery-sent = Link to choose a password sent
event-recovery-over-budget = New password asked for, nothing sent: too many requests
event-recovery-refused = Request for a new password refused
event-recovery-crowded = Too many requests within the hour: the next ones wait
event-letters-crowded = Many messages wait to be sent
event-text-messages-spent = The text messages of the month are nearly spent
event-recovery-given-up = Request given up: it could not be worked on
event-account-disowned = Change of password disputed: account closed
event-account-reopened = Account opened again by the support
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
## My account

account-title = My account
account-problem = There is a problem
account-identity = Identity
account-login = User name: { $login }
account-identity-source = This comes from your school: ask them to correct it if need be.
account-password-change = Change password
account-password-title = Change password
account-password-elsewhere = The password of this account is not changed here. Ask the contact at the foot of this page.
account-recovery = Recovery addresses and numbers
account-recovery-why = If you forget your password, a link goes to a verified address.
account-addresses-elsewhere = These addresses are not changed here. Ask the contact at the foot of this page.
account-state-verified = Verified
account-state-institution = Given by your school
account-state-unverified = Not verified yet: enter the code sent to this address.
account-code = Six-digit code
account-resend = Send another code
account-remove = Remove
account-last = Keep at least one verified address.
account-add-mail = Add an e-mail address
account-add-mobile = Add a mobile
account-add-mail-lede = A message with a code goes to this address. It is of use once the code is entered.
account-add-mobile-lede = A text message with a code goes to this number. It is of use once the code is entered.
account-mobile = Mobile number
account-mail-hint = An address that you can read without the password of this account.
account-send-code = Send me a code
account-remove-title = Remove this address?
account-remove-text = Nothing more will be sent there. Your addresses will hear of it and can undo it for three days.
account-sessions = Signed-in devices
account-here = This device
account-when = { $day } at { $time }
account-since = Signed in: { $when }
account-used = Last used: { $when }
account-kept = Kept signed in until { $when } at the latest
account-program = Opened by a program: { $program }
account-close = Sign out this device
account-close-others = Sign out all other devices
account-journal = Recent events
account-refused = (refused)
account-device = { $browser } on { $system }
account-services = Applications opened from this session
account-language = Language
account-language-now = This page is in { $language }. Other languages are at its foot.
account-data = My data
account-data-why = What is kept here about you: who you are, recovery addresses, connections, recent events. No password.
account-data-download = Download my data
account-prove = To keep your account safe, enter your password again before this change.
account-keep = Keep my other devices signed in
account-keep-hint = Otherwise they are signed out.
account-keep-hint-long = Otherwise they are signed out. Those where you chose “Keep me signed in” are signed out in any case.
account-throttled-until = Too many tries. Try again at { $time }.
account-said-password-saved = Your new password is saved.
account-said-address-added = A code has just been sent. Enter it below.
account-said-address-confirmed = Verified: this address will help if you forget your password.
account-said-address-removed = The address is removed.
account-said-resent = A new code has just been sent; the one before is of no more use.
account-said-session-ended = That device is signed out.
account-said-sessions-ended = All other devices are signed out.
account-wrong-page-too-old = This page was open for too long, or your browser refuses cookies. Start again.
account-wrong-password-empty = Enter your password.
account-wrong-password-wrong = This is not your present password. Check capitals.
account-wrong-directory-down = Your school’s directory is not answering; nothing was changed. Try again in a few minutes.
account-wrong-not-allowed = Your school’s directory does not allow this change. It is no mistake of yours: tell support.
account-wrong-mail-empty = Enter an e-mail address.
account-wrong-mail-unfit = This is not a whole e-mail address. Write one only, as camille@example.org
account-wrong-mobile-empty = Enter a mobile number.
account-wrong-mobile-unfit = This is not a telephone number. Write one only, as 06 12 34 56 78.
account-wrong-known = This address is known already.
account-wrong-full = You have five addresses already: remove one first.
account-wrong-too-many-sent = Too many codes were sent. Wait for an hour before you ask for another.
account-wrong-code-empty = Enter the six-digit code of the message.
account-wrong-code-wrong = This is not the code of the latest message.
account-wrong-code-worn-out = Too many tries with this code: ask for a new one.
account-wrong-code-dead = This code is of no more use: the address has changed, or the code is too old. Ask for a new one.
account-wrong-last-one = This address cannot be removed: it is the last verified one, or it comes from your school.
account-wrong-gone = It is not there any more: somebody changed it meanwhile.
account-confirm-ask-title = Confirm this address
account-confirm-done-title = Address confirmed
account-confirm-dead-title = This link is of no more use
account-confirm-text = The address { $mask } can then be used to get back into your account.
account-confirm-done = It will help if you forget your password.
account-confirm-dead = The address is confirmed already, it has changed, or a later message replaces this link.
account-undo-ask-title = Undo this change?
account-undo-done-title = The change is undone
account-undo-dead-title = This link is of no more use
account-undo-added = The recovery address { $mask } was added to your account.
account-undo-removed = The recovery address { $mask } was removed from your account.
account-undo-text = If that was not you, undo it: every device signed in to this account will be signed out.
account-undo = Undo the change
account-undone-added = The address { $mask } is removed.
account-undone-removed = The address { $mask } is back.
account-undone-next = Somebody else may have been signed in to your account: choose a new password.
account-undo-dead = The change is undone already, or more than three days have passed.
