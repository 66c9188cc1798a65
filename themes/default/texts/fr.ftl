# Les mots des pages. Apostrophes courbes (’) ; espace fine insécable avant : ; ! ? et dans « … ».
# Une ligne par texte ; ce qui est entre accolades est remplacé au moment de l’affichage.

language-name = Français
title-error = Erreur : { $title }
moment-time = { $hour }:{ $minute } ({ $zone })
moment-zone =
    { $city ->
        [Paris] heure de Paris
        [Guadeloupe] heure de Guadeloupe
        [Martinique] heure de Martinique
        [Cayenne] heure de Guyane
        [Reunion] heure de La Réunion
        [Mayotte] heure de Mayotte
        [Miquelon] heure de Saint-Pierre-et-Miquelon
        [Noumea] heure de Nouméa
        [Tahiti] heure de Tahiti
        [Wallis] heure de Wallis
       *[other] { $offset }
    }
moment-day =
    { $day ->
        [1] 1er
       *[other] { $day }
    } { $month ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[other] décembre
    } { $year }
wait-until = à { $time }
wait-seconds =
    { $seconds ->
        [one] dans { $seconds } seconde
       *[other] dans { $seconds } secondes
    }

## Autour de chaque page

skip = Aller au contenu
demo = Démonstration : les personnes et les établissements sont inventés.
test = Établissement de test : ne vous en servez pas pour de vrai.
change-institution = Changer d’établissement
help = Besoin d’aide ?
help-school = Adressez-vous au secrétariat ou au service informatique de votre établissement.
contact-site = Page d’aide
languages = Langues
accessibility-full = Accessibilité : totalement conforme
accessibility-partial = Accessibilité : partiellement conforme
accessibility-none = Accessibilité : non conforme
legal-notice = Mentions légales
privacy = Données personnelles
draft-language = Cette traduction est provisoire : personne ne l’a encore relue.
banner = Information
banner-until = Jusqu’au { $day } à { $time }.
support-code = Code d’assistance : { $code }
support-code-label = Code d’assistance
ask = Adressez-vous à { $contact } :
ask-school = Adressez-vous au secrétariat ou au service informatique de votre établissement.
back = Retour
try-again = Réessayer

## Connexion

login-title = Connexion
login-for = Pour accéder à { $service }
username = Identifiant
password = Mot de passe
password-show = Afficher
password-hide = Masquer
caps-lock = Les majuscules sont verrouillées.
warn-me = Prévenez-moi avant d’ouvrir une autre application
remember-me =
    { $days ->
        [one] Rester connecté sur cet appareil ({ $days } jour au plus)
       *[other] Rester connecté sur cet appareil ({ $days } jours au plus)
    }
remember-me-hint = Sur un appareil personnel uniquement, jamais sur un ordinateur partagé.
sign-in = Se connecter
forgot-password = Mot de passe oublié ?
lost-password = J’ai oublié mon mot de passe
forgot-username = Identifiant oublié ?
activate = Première connexion : activer mon compte
problem-empty = À compléter
problem-wrong = Connexion refusée
problem-throttled = Trop d’essais
problem-check = Une vérification de plus
problem-not-human = À recommencer
problem-check-gone = À recommencer
problem-directory-down = Un moment, s’il vous plaît
problem-crowded = Beaucoup de monde en ce moment
problem-page-too-old = Page restée ouverte trop longtemps
problem-session-ended = Connexion terminée
problem-vouched = Connexion automatique impossible
problem-cookies-blocked = Cookies refusés
login-no-username = Saisissez votre identifiant.
login-no-password = Saisissez votre mot de passe.
login-wrong = L’identifiant ou le mot de passe ne correspond pas.
login-wrong-look = Vérifiez les majuscules, puis saisissez à nouveau votre mot de passe.
login-wrong-look-institution = Vérifiez les majuscules et l’établissement affiché en haut, puis saisissez à nouveau votre mot de passe.
login-tries-seconds =
    { $left ->
        [one] Encore { $left } essai
       *[other] Encore { $left } essais
    } avant une pause de { $seconds ->
        [one] { $seconds } seconde.
       *[other] { $seconds } secondes.
    }
login-tries-minutes =
    { $left ->
        [one] Encore { $left } essai
       *[other] Encore { $left } essais
    } avant une pause de { $minutes ->
        [one] { $minutes } minute.
       *[other] { $minutes } minutes.
    }
login-throttled = Pour protéger votre compte, la connexion est en pause. Réessayez { $wait }.
login-check = Beaucoup de connexions échouent en ce moment depuis votre réseau. Recopiez les caractères de l’image, puis saisissez à nouveau votre mot de passe : votre compte n’est pas bloqué.
login-not-human = La réponse ne correspond pas : en voici une autre. Saisissez aussi votre mot de passe à nouveau.
login-check-gone = La vérification avait expiré ou déjà servi : en voici une autre. Saisissez aussi votre mot de passe à nouveau.
login-directory-down = Le service de connexion de votre établissement ne répond pas. Vous n’avez rien à changer : réessayez dans quelques minutes.
login-crowded = L’annuaire de votre établissement est très demandé : votre mot de passe n’a pas pu être vérifié. Ce n’est pas un essai manqué et rien n’est perdu, votre identifiant est conservé.
login-crowded-next =
    { $seconds ->
        [one] Attendez une seconde, puis saisissez à nouveau votre mot de passe.
       *[other] Attendez { $seconds } secondes, puis saisissez à nouveau votre mot de passe.
    }
waiting-text = L’annuaire de votre établissement est très demandé. Rien n’est perdu : laissez cette page ouverte, elle attend son tour pour vous et continue toute seule.
waiting-still = Il y a encore du monde. Cette page continue d’attendre pour vous : vous n’avez rien à faire.
waiting-over = Il y a toujours beaucoup de monde. Par précaution, votre mot de passe a été effacé de cette page : saisissez-le à nouveau quand vous voudrez réessayer.
waiting-stop = Ne plus attendre
login-page-too-old = Votre identifiant est conservé : saisissez à nouveau votre mot de passe.
login-session-ended = Votre compte n’est plus ouvert ou a changé. Saisissez votre mot de passe pour en savoir plus.
login-vouched = Le compte annoncé par votre poste n’est pas connu ici. Saisissez votre identifiant et votre mot de passe.
cookies-text = Votre navigateur n’accepte pas les cookies dont la connexion a besoin.
cookies-mend = Autorisez les cookies pour cette adresse, ou quittez la navigation privée, puis réessayez.
confirm-title = Confirmez votre mot de passe
confirm-text = Vous êtes déjà connecté. Pour votre sécurité, saisissez à nouveau votre mot de passe.
confirm-text-service = Pour votre sécurité, saisissez à nouveau votre mot de passe avant d’ouvrir { $service }.
confirm-wrong = Le mot de passe ne correspond pas. Vérifiez les majuscules.
confirm = Confirmer
not-me = Ce n’est pas moi

## Session

signed-in-title = Vous êtes connecté
signed-in-as = En tant que { $name } ({ $place }).
signed-in-next = Ouvrez l’application de votre choix : elle ne vous demandera plus votre mot de passe.
your-services = Vos applications
sign-out = Se déconnecter
switch-account = Changer de compte
shared-computer = Sur un ordinateur partagé, déconnectez-vous avant de partir.
signed-out-title = Vous êtes déconnecté
shared-computer-close = Sur un ordinateur partagé, fermez aussi le navigateur.
farewell-title = Vos applications
farewell-underway = fermeture en cours…
farewell-yes = session fermée
farewell-no = peut-être encore ouverte
farewell-by-browser = fermeture demandée par votre navigateur
farewell-close-them = Une application n’a pas confirmé : déconnectez-vous-en vous-même, ou fermez le navigateur.
farewell-no-need-to-wait = Inutile d’attendre : cela continue sans vous.
farewell-look-again = Voir où cela en est
continue-to = Continuer vers { $service }
sign-in-again = Se reconnecter
sign-out-title = Se déconnecter ?
sign-out-text = Vous êtes connecté en tant que { $name }. Vos applications seront fermées elles aussi.
stay-signed-in = Rester connecté
warning-title = Ouvrir cette application ?
warning-text = { $service } va savoir que vous êtes { $name }.
warning-address = Adresse :
go-on = Continuer
stay-here = Ne pas ouvrir
stop-warning = Ne plus me prévenir

## Applications

unknown-service-title = Application inconnue
unknown-service-host = L’application { $host } n’est pas déclarée auprès du service de connexion.
unknown-service-address = L’application qui vous envoie ici n’est pas déclarée auprès du service de connexion.
unknown-service-safe = Par prudence, rien ne lui a été transmis. Revenez à l’application par son adresse habituelle ; si cela se répète, signalez-le.
for-administrator = Pour l’administrateur
detail-service = Adresse demandée (service)
detail-realm = Domaine de comptes (realm)
detail-tried = Règles essayées
detail-code = Code d’assistance
denied-title = Accès refusé
denied-not-yet-title = Pas encore ouvert
denied-not-yours = { $service } n’est pas ouvert à votre compte.
denied-disabled = { $service } est fermé pour le moment.
denied-no-single-sign-on = { $service } demande une connexion à part : ouvrez-le et saisissez à nouveau votre mot de passe.
denied-opens-at = { $service } vous sera ouvert le { $day } à { $time }.
denied-as = Vous êtes connecté en tant que { $name }.

## Courriers

mail-greeting = Bonjour,
mail-greeting-name = Bonjour { $name },
mail-login = Identifiant : { $login }
mail-device = { $browser } sur { $system }
mail-asked = Demande reçue le { $day } à { $time }.
mail-asked-device = Demande reçue le { $day } à { $time }, depuis { $device }.
mail-until-hours =
    { $hours ->
        [one] Le lien et le code sont valables { $hours } heure, jusqu’au { $day } à { $time }, et servent une seule fois.
       *[other] Le lien et le code sont valables { $hours } heures, jusqu’au { $day } à { $time }, et servent une seule fois.
    }
mail-until-minutes =
    { $minutes ->
        [one] Le lien et le code sont valables { $minutes } minute, jusqu’au { $day } à { $time }, et servent une seule fois.
       *[other] Le lien et le code sont valables { $minutes } minutes, jusqu’au { $day } à { $time }, et servent une seule fois.
    }
mail-open-link = Ouvrez cette adresse pour choisir votre nouveau mot de passe :
mail-copy-link = Si l’adresse ne s’ouvre pas d’un clic, copiez-la en entier et collez-la dans la barre d’adresse de votre navigateur.
mail-code-instead = Ou, sur un autre appareil, saisissez votre identifiant et ce code : { $code }
mail-never-asked = Personne de votre établissement ne vous demandera ce code, ni votre mot de passe.
mail-not-you = Ce n’était pas vous ? Vous pouvez ignorer ce message : votre mot de passe ne changera pas. Vous pouvez aussi annuler la demande à cette adresse :
mail-ignore = Ce n’était pas vous ? Vous pouvez ignorer ce message : rien n’a changé.
mail-you-fine = C’était vous ? Vous n’avez rien à faire.
mail-not-me-ask = Ce n’était pas vous ? Prévenez tout de suite l’assistance de votre établissement.
mail-thanks = Merci.
mail-answer = Une question ? Vous pouvez répondre à ce message.
mail-no-answer = Ce message est envoyé automatiquement : les réponses ne sont lues par personne.
mail-reset-links-subject = Choisir un nouveau mot de passe
mail-reset-why = Vous avez demandé, ou quelqu’un a demandé à votre place, un nouveau mot de passe.
mail-reset-why-agent = L’assistance de votre établissement vous envoie de quoi choisir un nouveau mot de passe.
mail-shared-text = Plusieurs comptes utilisent cette adresse. La page vous demandera l’identifiant du compte : seul le mot de passe de ce compte changera.
mail-shared-until = Le lien est valable jusqu’au { $day } à { $time } ; il sert une seule fois pour chaque compte.
mail-provisional-subject = Votre code provisoire
mail-provisional-why = Vous avez demandé, ou quelqu’un a demandé à votre place, à choisir votre mot de passe.
mail-provisional-code = À la page de connexion, saisissez votre identifiant et, à la place du mot de passe, ce code provisoire : { $code }
mail-provisional-then = Vous choisirez aussitôt votre mot de passe ; le code n’ouvre rien d’autre.
mail-provisional-link = Ou ouvrez cette adresse :
mail-identifiers-subject = Vos identifiants
mail-identifiers-why = Vous avez demandé, ou quelqu’un a demandé à votre place, vos identifiants. Voici ceux qui sont liés à cette adresse.
mail-identifiers-not-you = Ce n’était pas vous ? Vous pouvez ignorer ce message : vous seul le recevez.
mail-identifiers-back = Pour revenir à la page où vous en étiez, votre identifiant déjà saisi, ouvrez cette adresse :
mail-not-activated-subject = Votre compte n’est pas activé
mail-activate-at = Votre compte n’est pas activé : il n’a pas encore de mot de passe. Activez-le à cette adresse :
mail-activate-ask = Votre compte n’est pas activé : il n’a pas encore de mot de passe. Demandez à votre établissement comment l’activer.
mail-federated-subject = Où changer votre mot de passe
mail-federated = Le mot de passe de ce compte ne se change pas ici. Il se change là où vous vous connectez :
mail-refused-by-policy-subject = Votre demande de mot de passe
mail-refused = Le mot de passe de ce compte ne peut pas être changé en ligne. Adressez-vous à votre établissement.
mail-password-changed-subject = Votre mot de passe a changé
mail-changed = Le mot de passe du compte { $login } a été changé le { $day } à { $time }.
mail-changed-mail = Par un lien ou un code reçu par e-mail.
mail-changed-sms = Par un code reçu par SMS.
mail-changed-agent = Par un code remis par l’assistance.
mail-changed-account = Depuis la page « Mon compte ».
mail-changed-forced = À la demande de la page de connexion.
mail-device-line = Appareil : { $device }
mail-network-line = Réseau : { $prefix }
mail-changed-networks = Demandé depuis le réseau { $from } le { $day } à { $time }, utilisé depuis le réseau { $prefix }.
mail-changed-not-me = Ce n’était pas vous ? Ouvrez cette adresse pour fermer le compte et prévenir l’assistance :
mail-unlocked-subject = Votre compte est débloqué
mail-unlocked = Le compte { $login } est débloqué : les essais manqués ne l’arrêtent plus.
mail-address-added-subject = Une adresse de secours est nouvelle
mail-address-added = { $mask } est, depuis le { $day } à { $time }, une adresse ou un numéro de secours du compte { $login }.
mail-address-removed-subject = Une adresse de secours est retirée
mail-address-removed = { $mask } n’est plus, depuis le { $day } à { $time }, une adresse ou un numéro de secours du compte { $login }.
mail-address-changed-subject = Une adresse de secours a changé
mail-address-changed = Une adresse ou un numéro de secours du compte { $login } est devenu { $mask } le { $day } à { $time }.
mail-undo = Ce n’était pas vous ? Annulez ce changement à cette adresse :
mail-confirm-address-subject = Confirmer votre adresse
mail-confirm = Le compte { $login } voudrait se servir de cette adresse pour retrouver son mot de passe.
mail-confirm-code = Code de confirmation : { $code }
mail-confirm-link = Ou ouvrez cette adresse, et saisissez-y le code :
mail-confirm-until = Le code est valable jusqu’au { $day } à { $time }.
mail-confirm-ignore = Ce n’était pas vous ? Ignorez ce message : l’adresse ne servira pas.
mail-sent-by-agent-subject = L’assistance a agi sur votre compte
mail-agent-sent = Le { $day } à { $time }, l’assistance a envoyé à { $mask } de quoi choisir un nouveau mot de passe pour le compte { $login }.
mail-agent-printed = Le { $day } à { $time }, l’assistance a imprimé un code pour choisir un nouveau mot de passe du compte { $login }.
mail-agent-revoke = Vous n’avez rien demandé ? Annulez cet envoi à cette adresse :
mail-disowned-subject = Un changement de mot de passe est contesté
mail-disowned = Le { $day } à { $time }, une personne a signalé que le mot de passe du compte { $login } n’a pas été changé par elle.
mail-disowned-next = Vérifiez avec elle, par un moyen que vous connaissez, avant de lui rouvrir le compte.
sms-reset-code = { $brand } : code { $code } pour choisir votre mot de passe, valable { $minutes } min. Ne le donnez à personne.
sms-confirm = { $brand } : code { $code } pour confirmer ce numéro. Ne le donnez à personne.
sms-changed = { $brand } : le mot de passe de { $login } a changé. Ce n’était pas vous ? Prévenez l’assistance.

## Compte fermé (après un mot de passe juste)

closed-password-expired-title = Votre mot de passe a expiré
closed-password-expired = Le mot de passe du compte { $name } n’est plus valable.
closed-password-expired-since = Le mot de passe du compte { $name } n’est plus valable depuis le { $day }.
closed-password-expired-next = Votre compte existe toujours : il vous faut seulement un nouveau mot de passe.
closed-must-change-title = Votre mot de passe est à changer
closed-must-change = Le mot de passe du compte { $name } est provisoire : il faut en choisir un autre avant de continuer.
closed-must-change-next = Ce changement ne peut pas encore se faire sur cette page.
closed-announced-title = Votre compte n’est pas encore ouvert
closed-announced = Le compte { $name } est prêt, mais il n’est pas encore ouvert.
closed-announced-since = Le compte { $name } est prêt ; il ouvrira le { $day }.
closed-announced-next = Revenez ce jour-là. Si vous en avez besoin plus tôt, demandez de l’aide.
closed-inactive-title = Votre compte n’est plus actif
closed-inactive = Le compte { $name } n’est plus actif.
closed-inactive-since = Le compte { $name } n’est plus actif depuis le { $day }.
closed-inactive-next = Si vous étudiez ou travaillez toujours ici, demandez sa réouverture.
closed-suspended-title = Votre compte est suspendu
closed-suspended = Le compte { $name } a été suspendu par votre établissement.
closed-suspended-next = Seul votre établissement peut le rouvrir.
closed-locked-title = Votre compte est bloqué
closed-locked = Le compte { $name } est bloqué après trop d’essais.
closed-locked-next = Attendez un quart d’heure avant de réessayer. Si vous n’avez pas fait ces essais, signalez-le.
closed-not-activated-title = Votre compte n’est pas encore activé
closed-not-activated = Le compte { $name } existe, mais il n’a pas encore été activé.
closed-not-activated-next = Munissez-vous du courrier ou du code reçu à votre inscription.
sign-in-other = Se connecter avec un autre compte

## Mot de passe ou identifiant oublié

cancel = Annuler
back-to-sign-in = Revenir à la connexion
no-access = Je n’ai plus accès à mon e-mail ou à mon téléphone
recover-title = Choisir un nouveau mot de passe
recover-lede = Dites-nous qui vous êtes : un lien vous sera envoyé.
recover-lede-service = Dites-nous qui vous êtes : un lien vous sera envoyé. Vous pourrez ensuite ouvrir { $service }.
recover-username-title = Retrouver mon identifiant
recover-username-lede = Donnez votre adresse e-mail : vos identifiants y seront envoyés.
recover-identifier-or-email = Identifiant ou adresse e-mail
recover-email = Adresse e-mail
recover-email-hint = Celle que votre établissement connaît, par exemple camille@exemple.fr
recover-no-identifier-or-email = Saisissez votre identifiant ou votre adresse e-mail.
recover-no-email = Saisissez votre adresse e-mail.
recover-submit = Recevoir un lien
recover-submit-sms = Recevoir un code par SMS
recover-username-submit = Recevoir mon identifiant
recover-have-code = J’ai déjà un code
recover-otherwise = Autres moyens
recover-by-mail = Retrouver mon identifiant par e-mail
recover-by-who = Retrouver mon identifiant sans adresse e-mail
recover-problem-empty = À compléter
recover-problem-unfit = À corriger
recover-problem-not-human = À recommencer
recover-problem-check-gone = À recommencer
recover-problem-page-too-old = Page restée ouverte trop longtemps
recover-problem-cookies-blocked = Cookies refusés
recover-problem-unavailable = Un moment, s’il vous plaît
recover-unfit = Cet identifiant contient des caractères impossibles, ou il est trop long. Saisissez-le à nouveau.
recover-not-human = La réponse ne correspond pas. En voici une autre ; ce que vous avez saisi est conservé.
recover-check-gone = La vérification avait expiré ou déjà servi : en voici une autre.
recover-page-too-old = Recommencez : ce que vous avez saisi est conservé.
who-title = Qui suis-je ?
who-lede = Votre identifiant sera envoyé aux adresses que votre établissement connaît. Rien ne s’affiche ici.
who-name = Nom de famille
who-name-hint = Comme sur vos documents d’inscription ; les majuscules et les accents ne comptent pas.
who-born = Date de naissance
who-born-hint = Par exemple 7 3 2004
who-day = Jour
who-month = Mois
who-year = Année
who-number = Numéro INE ou numéro étudiant
who-number-hint = Sur votre carte, votre certificat de scolarité ou vos relevés de notes.
who-no-name = Saisissez votre nom de famille.
who-no-born = Saisissez une date de naissance qui existe : jour, mois et année sur quatre chiffres.
who-no-number = Saisissez votre numéro INE ou votre numéro étudiant.
recover-unavailable = L’annuaire de votre établissement ne répond pas : aucun message ne peut partir pour l’instant. Ce n’est pas une erreur de votre part ; réessayez dans quelques minutes.
sent-title = Regardez vos messages
sent-text = Si un compte correspond, un message part dans les cinq minutes vers l’adresse enregistrée.
sent-sms-text = Si un compte correspond, un code part par SMS vers le numéro enregistré. Il marche une seule fois, pendant { $minutes } minutes.
sent-until = Le lien marche une seule fois, jusqu’au { $day } à { $time }.
sent-sms = Si vous recevez un SMS à la place d’un e-mail, son code est valable { $minutes } minutes.
sent-username-text = Si des comptes correspondent, un message part dans les cinq minutes vers cette adresse, avec leurs identifiants.
sent-who-text = Si ces informations correspondent à un compte, son identifiant part dans les cinq minutes vers les adresses enregistrées.
sent-spam = Regardez aussi dans les indésirables.
sent-sender = Expéditeur :
sent-subject = Objet :
sent-code = J’ai reçu un code
sent-nothing = Rien reçu ?
sent-none = Sans adresse enregistrée, ou si elle n’a jamais été confirmée, ou si votre compte est provisoire, rien ne peut vous être envoyé.
sent-back = J’ai retrouvé mon identifiant : revenir à la page précédente
resend = Renvoyer le message
resend-from = Possible à partir de { $time }.
resend-early = Le message est peut-être encore en route : vous pourrez le renvoyer à partir de { $time }.
code-title = Saisir le code reçu
code-text = Le message contient un lien et un code. Le code remplace le lien, par exemple si vous lisez vos messages sur un autre appareil.
code-without-cookies = Ce navigateur refuse les cookies, le lien ne peut donc pas s’ouvrir seul. Saisissez le code qui est dans le même message.
code-label = Code
code-hint = Huit caractères ; les espaces et les majuscules ne comptent pas.
code-problem-empty = À compléter
code-problem-wrong = Code refusé
code-problem-page-too-old = Page restée ouverte trop longtemps
code-problem-too-many = Trop d’essais
code-empty = Saisissez votre identifiant et le code du message.
code-wrong = Ce code ne va pas avec cet identifiant, ou il n’est plus valable. Vérifiez les deux, ou demandez un nouveau message.
code-page-too-old = Saisissez à nouveau le code : rien n’a été perdu.
code-too-many = Pour protéger les comptes, les codes sont refusés pendant une heure depuis votre réseau.
newpw-title = Votre nouveau mot de passe
newpw-account = Compte : { $login } – { $school }
newpw-whose = Plusieurs comptes utilisent votre adresse. Dites-nous lequel : seul son mot de passe changera.
newpw-then = Vous irez ensuite vers { $service }.
newpw-why-expired = Votre mot de passe a expiré : choisissez-en un nouveau.
newpw-why-must-change = Votre mot de passe est provisoire : choisissez le vôtre.
newpw-why-provisional = Votre code est bon : choisissez maintenant votre mot de passe.
newpw-why-ending = Choisissez votre nouveau mot de passe : vous n’aurez plus à y penser.
ending-title = Votre mot de passe expire bientôt
ending-today = Il n’est plus valable que jusqu’au { $day } à { $time }. Changez-le maintenant : cela prend une minute.
ending-text =
    { $days ->
        [one] Il est encore valable { $days } jour, jusqu’au { $day } à { $time }. Changez-le maintenant : cela prend une minute.
       *[other] Il est encore valable { $days } jours, jusqu’au { $day } à { $time }. Changez-le maintenant : cela prend une minute.
    }
ending-stuck = Il ne peut pas être changé en ce moment. Vous le pourrez à une prochaine connexion, avant cette date.
ending-change = Changer mon mot de passe
ending-later = Plus tard
ending-later-service = Plus tard : aller vers { $service }
newpw-rules = Votre mot de passe doit respecter ces règles :
newpw-current = Mot de passe actuel
newpw-new = Nouveau mot de passe
newpw-confirm = Le même, encore une fois
newpw-submit = Enregistrer le mot de passe
newpw-until = Cette page peut servir jusqu’au { $day } à { $time }.
newpw-sent-to = Lien ou code reçu à : { $mask }
newpw-not-mine-text = Vous n’avez rien demandé ?
newpw-not-mine = Ce n’est pas ma demande
newpw-problem-empty = À compléter
newpw-problem-username-wrong = À corriger
newpw-problem-username-empty = À compléter
newpw-problem-weak = Mot de passe à changer
newpw-problem-refused = Mot de passe refusé
newpw-problem-too-young = Trop tôt
newpw-problem-current-empty = À compléter
newpw-problem-current-wrong = Mot de passe actuel refusé
newpw-problem-busy = En cours
newpw-problem-unknown = Résultat incertain
newpw-problem-directory-down = Un moment, s’il vous plaît
newpw-problem-closed = Un moment, s’il vous plaît
newpw-problem-page-too-old = Page restée ouverte trop longtemps
newpw-empty = Saisissez votre nouveau mot de passe.
newpw-username-wrong = Cet identifiant ne va pas avec ce message. Vérifiez-le, ou retrouvez-le par le lien ci-dessous.
newpw-username-empty = Saisissez l’identifiant du compte.
newpw-current-empty = Saisissez votre mot de passe actuel.
newpw-current-wrong = Ce n’est pas votre mot de passe actuel. Vérifiez les majuscules.
newpw-still-good = Rien n’est perdu : votre lien reste valable.
newpw-refused-too-short = L’annuaire de votre établissement trouve ce mot de passe trop court.
newpw-refused-too-long = L’annuaire de votre établissement trouve ce mot de passe trop long.
newpw-refused-in-history = Vous avez déjà utilisé ce mot de passe. Choisissez-en un autre.
newpw-refused-quality = L’annuaire de votre établissement trouve ce mot de passe trop facile à deviner.
newpw-refused-not-allowed = L’annuaire de votre établissement ne permet pas ce changement. Ce n’est pas une erreur de votre part : signalez-le à l’assistance.
newpw-refused-other = L’annuaire de votre établissement a refusé ce mot de passe. Choisissez-en un autre.
newpw-too-young = Votre mot de passe vient d’être changé : l’annuaire de votre établissement demande d’attendre. Réessayez plus tard.
newpw-too-young-until = Votre mot de passe vient d’être changé : l’annuaire de votre établissement demande d’attendre jusqu’au { $day } à { $time }.
newpw-busy =
    { $seconds ->
        [one] Un enregistrement est déjà en cours. Réessayez dans { $seconds } seconde.
       *[other] Un enregistrement est déjà en cours. Réessayez dans { $seconds } secondes.
    }
newpw-unknown = L’annuaire de votre établissement n’a pas répondu à temps. Vérifiez en vous connectant avec le nouveau mot de passe ; s’il est refusé, revenez sur cette page.
newpw-directory-down = L’annuaire de votre établissement ne répond pas ; rien n’a été changé. Votre lien reste valable : réessayez dans quelques minutes.
newpw-closed = L’annuaire de votre établissement n’enregistre aucun mot de passe pour l’instant. Inutile d’en saisir un : réessayez dans quelques minutes.
newpw-page-too-old = Saisissez à nouveau votre mot de passe : votre lien reste valable.
saved-title = Votre nouveau mot de passe est enregistré
saved-told = Un message de confirmation part vers vos adresses.
saved-ended =
    { $count ->
        [one] { $count } autre connexion a été fermée.
       *[other] { $count } autres connexions ont été fermées.
    }
saved-keep = Gardez-le pour vous : personne de votre établissement ne vous le demandera. Changez-le aussi là où un appareil l’a retenu (wifi, messagerie).
saved-go = Se connecter à { $service }
link-again = Recevoir un nouveau lien
link-unknown-title = Lien inconnu
link-unknown = Le lien est peut-être incomplet : copiez toute l’adresse du message, ou saisissez le code.
link-expired-title = Ce lien n’est plus valable
link-expired = Il a expiré le { $day } à { $time }. Votre mot de passe n’a pas changé.
link-used-title = Ce lien a déjà servi
link-used = Il a servi le { $day } à { $time } à choisir un mot de passe. Si ce n’était pas vous, demandez un nouveau lien et prévenez votre établissement.
link-replaced-title = Ce lien a été remplacé
link-replaced = Depuis le { $day } à { $time }, un message plus récent le remplace : utilisez le lien de ce message.
link-revoked-title = Ce lien a été annulé
link-revoked = Depuis le { $day } à { $time }, il ne sert plus à rien : la demande a été annulée, ou une connexion, un nouveau mot de passe ou une nouvelle adresse y a mis fin.
link-busy-title = Un enregistrement est en cours
link-busy = Un mot de passe est en train d’être choisi avec ce lien, sur une autre page. Réessayez dans trente secondes.
link-changed-title = Votre mot de passe a déjà été changé
link-changed = Ce lien date d’avant ce changement : il ne sert plus à rien.
link-worn-out-title = Ce lien ne peut plus servir
link-worn-out = Trop de mots de passe ont été refusés avec ce lien. Demandez-en un nouveau.
link-closed-title = Changement impossible ici
link-closed = Ce compte ne peut pas changer de mot de passe sur cette page.
link-lost-title = Reprenons depuis le message
link-lost = Cette page est restée ouverte trop longtemps, ou vient d’un autre navigateur. Ouvrez à nouveau le lien du message.
link-not-offered-title = Pas de changement en ligne
link-not-offered = Votre établissement ne permet pas de choisir un nouveau mot de passe ici.
sure-request = Ce n’est pas moi qui ai fait cette demande
sure-change = Ce n’est pas moi qui ai fait ce changement
sure-problem = Case à cocher
sure-missing = Cochez la case, puis appuyez à nouveau sur le bouton : ainsi, aucun robot de messagerie ne répond à votre place.
sure-not-me = Ce n’est pas moi qui ai choisi ce nouveau mot de passe
disown-title = Fermer ce compte ?
disown-text = Le mot de passe de votre compte a été changé. Si ce n’est pas vous, fermez le compte : plus personne ne pourra s’y connecter, tous les appareils seront déconnectés et l’assistance de votre établissement sera prévenue.
disown-reopen = Seule l’assistance pourra le rouvrir, après avoir vérifié qui vous êtes.
disown = Fermer le compte
disown-done-title = Le compte est fermé
disown-done = Plus personne ne peut s’y connecter, et l’assistance de votre établissement est prévenue.
disown-done-next = Prenez contact avec elle pour le rouvrir.
disown-dead-title = Ce lien ne sert plus
disown-dead = Il a déjà servi, il a été coupé, ou plus de sept jours ont passé. Prenez contact avec l’assistance de votre établissement.
revoke-title = Annuler la demande ?
revoke-text = Un nouveau mot de passe a été demandé pour votre compte. Si ce n’est pas vous, annulez : les liens envoyés ne serviront plus à rien.
revoke = Annuler la demande
revoked-title = La demande est annulée
revoked-text = Votre mot de passe n’a pas changé, et les liens envoyés ne servent plus à rien.
revoked-next = Si de tels messages reviennent, prévenez votre établissement.
outbox-title = Messages de la démonstration
outbox-text = Personne ne les reçoit : ils restent ici.
outbox-empty = Aucun message pour le moment. Ils arrivent en quelques secondes.
hub-title = Besoin d’aide ?
hub-text = Choisissez ce qui vous arrive.
hub-password = J’ai oublié mon mot de passe
hub-password-text = Un lien vous est envoyé à l’adresse que votre établissement connaît. Il vous permet de choisir un nouveau mot de passe, en deux minutes.
hub-username = J’ai oublié mon identifiant
hub-username-text = Vos identifiants sont envoyés à l’adresse e-mail que votre établissement connaît.
hub-activate = Je n’ai pas encore activé mon compte
hub-activate-text = Un compte s’active avec le papier ou le message reçu de votre établissement.
hub-activate-go = Activer mon compte
hub-access-text = Pour votre sécurité, seul votre établissement peut changer l’adresse ou le numéro où vous recevez le lien. Il vérifiera que c’est bien vous.
hub-parent = Je suis parent et j’ai besoin d’aide
hub-parent-text = Chaque parent a son propre compte, à son nom. Si vos enfants sont dans le même établissement, un seul message peut concerner plusieurs comptes : regardez bien l’identifiant de chacun.
hub-ask = Cela ne se fait pas ici pour votre établissement : demandez de l’aide ci-dessous.

## Établissements

picker-title = Quel est votre établissement ?
picker-recover = Pour retrouver l’accès à votre compte.
picker-unknown = Le lien utilisé désigne un établissement inconnu. Cherchez le vôtre ci-dessous.
picker-recent = Vos choix précédents
picker-forget = Oublier ce choix
picker-always = Toujours utiliser
picker-always-used = Utilisé sans vous le demander
picker-label = Nom, commune, code postal ou code UAI
picker-hint = Vous pouvez aussi saisir votre adresse e‑mail.
picker-search = Rechercher
picker-list = Établissements
picker-remember = Se souvenir de mon choix sur cet appareil
picker-near = Autour de moi
picker-near-wait = Recherche de votre position…
picker-near-failed = Votre position n’a pas pu être obtenue. Essayez le nom de la commune.
picker-departments = Parcourir par département
picker-found =
    { $total ->
        [one] { $total } établissement
       *[other] { $total } établissements
    }
picker-found-first =
    { $total ->
        [one] { $total } établissement
       *[other] { $total } établissements
    }, les { $shown } premiers affichés
picker-found-range =
    { $total ->
        [one] { $total } établissement
       *[other] { $total } établissements
    }, de { $first } à { $last }
picker-none = Aucun établissement trouvé
picker-nothing = Vérifiez l’orthographe ou essayez la commune.
picker-nothing-said = Aucun établissement trouvé. Vérifiez l’orthographe ou essayez la commune.
picker-near-miss = Rien ne correspond tout à fait. Voici ce qui s’en approche.
picker-failed = Les suggestions n’arrivent pas. Appuyez sur « Rechercher ».
picker-around = Autour de vous
picker-around-nothing = Aucun établissement connu près de vous. Essayez le nom de la commune.
picker-kilometres =
    { $km ->
        [0] à moins d’un kilomètre
       *[other] à { $km } km environ
    }
picker-few = Tous les établissements
picker-lost = Je ne trouve pas mon établissement
picker-lost-town = Essayez la commune ou le code postal de l’établissement, plutôt que de votre domicile.
picker-lost-code = Le code UAI (7 chiffres et une lettre) figure sur les bulletins et les certificats de scolarité.
picker-lost-name = Essayez un seul mot de son nom : l’établissement est peut-être inscrit sous un nom plus court.
pages = Pages
page-previous = Page précédente
page-next = Page suivante
browse-path = Où vous êtes
browse-picker = Recherche
browse-departments = Départements
browse-elsewhere = Ailleurs
browse-letters = Aller à une lettre
browse-nothing = Aucun établissement n’est rangé ici.

## Page publique

welcome-title = Trouver mon établissement
welcome-find = Ouvrir la page de mon établissement
welcome-trouble = Problème de connexion
audience-everybody = Pour commencer
audience-pupils = Élèves
audience-parents = Parents
audience-students = Étudiants
audience-teachers = Enseignants
audience-staff = Personnels

login-elsewhere-link = Le lien utilisé désigne aussi { $institution }.
login-elsewhere-address = Cette adresse semble appartenir à { $institution }.
login-elsewhere-go = Changer d’établissement
accounts-title = Avec quel compte ?
accounts-text = Vous êtes connecté à plusieurs établissements. Choisissez celui à utiliser maintenant.
accounts-other = Se connecter à un autre établissement

## Déclaration d’accessibilité

statement-title = Déclaration d’accessibilité
statement-for = { $place } s’engage à rendre son service de connexion accessible à tous, comme le veut l’article 47 de la loi n° 2005-102 du 11 février 2005.
statement-address = Service concerné :
statement-level = État de conformité
statement-full = Ce service est totalement conforme au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1.
statement-partial = Ce service est partiellement conforme au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1.
statement-none = Ce service n’est pas déclaré conforme au référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1 : aucun audit ne l’a encore établi.
statement-rate = Selon l’audit, { $rate } % des critères sont respectés.
statement-gaps = Contenus non accessibles
statement-day = Cette déclaration a été établie le { $day }.
statement-contact = Une difficulté ?
statement-contact-text = Si vous n’arrivez pas à vous servir d’une page, dites-le : nous vous aiderons à accéder au service autrement, ou nous corrigerons la page.
statement-rights = Voies de recours
statement-rights-text = Si vous avez signalé une difficulté et n’avez pas obtenu de réponse satisfaisante, vous pouvez vous adresser au Défenseur des droits :
statement-rights-post = par courrier, gratuit et sans timbre :

## Incidents

trouble-not-found-title = Page introuvable
trouble-not-found = Cette adresse ne mène à rien. Elle est peut-être incomplète, ou la page a été retirée.
trouble-unavailable-title = Connexion momentanément indisponible
trouble-unavailable = Vous n’avez rien à changer : réessayez dans quelques minutes.
trouble-busy-title = Beaucoup de monde en ce moment
trouble-busy = Votre demande n’a pas été traitée, et ce n’est pas une erreur de votre part : réessayez dans quelques secondes.
trouble-too-many-title = Trop de demandes
trouble-too-many = Beaucoup de demandes sont arrivées d’un coup. Réessayez { $wait }.
trouble-cookies-title = Cookies refusés
trouble-looping-title = L’application vous renvoie ici sans cesse
trouble-looping = Vous êtes bien connecté, mais { $service } refuse de vous ouvrir sa page et vous renvoie ici.
trouble-looping-next = Attendez un instant, puis rouvrez l’application. Si cela recommence, prévenez l’assistance.
trouble-bad-request-title = Demande incomprise
trouble-bad-request = Le lien ou le formulaire utilisé est incomplet. Revenez à l’application et recommencez.
trouble-not-allowed-title = Demande impossible
trouble-not-allowed = Cette page ne peut pas être ouverte de cette façon. Revenez à l’application et recommencez.
trouble-no-institution-title = Aucun établissement
trouble-no-institution = Aucun établissement n’est encore inscrit ici.
trouble-no-institution-service = Aucun des établissements inscrits ici n’a accès à { $service }.
trouble-closed-title = Établissement fermé
trouble-closed = { $institution } ne propose plus de connexion ici.
trouble-address-title = Adresse inattendue
trouble-address = Vous êtes arrivé par l’adresse { $address }, que ce service ne reconnaît pas comme la sienne. Revenez à l’application et recommencez.
trouble-incident-title = Un incident est survenu
trouble-incident = Ce n’est pas une erreur de votre part. L’incident est enregistré.
trouble-incident-next = Si cela se répète, donnez ce code à l’assistance : il permet de retrouver ce qui s’est passé.

## Connexion par un autre serveur

login-or = OU
login-with = Connexion avec { $name }
ways-families = Élèves et parents
ways-staff = Personnels
sign-in-otherwise = Se connecter autrement
delegation-failed-title = La connexion avec { $name } n’a pas abouti
delegation-failed = { $name } n’a pas terminé la connexion. Ce n’est pas une erreur de votre part.
delegation-step-foreign = Ce navigateur n’a pas commencé cette connexion, ou il refuse les cookies dont elle a besoin. Reprenez depuis le début.
delegation-step-late = Plus de dix minutes se sont écoulées : il faut reprendre depuis le début.
delegation-step-again = Cette page a déjà servi. Reprenez depuis le début.
delegation-step-given-up = La connexion là-bas n’a pas été faite, ou elle a été annulée.
delegation-step-withdrawn = Votre établissement ne propose plus cette connexion.
delegation-step-silent = Son serveur n’a pas répondu quand nous lui avons demandé qui vous êtes. Réessayez dans quelques minutes.
delegation-step-unreadable = Son serveur a répondu, mais d’une façon que nous ne comprenons pas.
delegation-step-refused = Son serveur n’a pas confirmé la connexion que votre navigateur a présentée.
delegation-step-nameless = Vous êtes connecté là-bas, mais ce service ne nous dit pas quel est votre compte ici.
delegation-step-unknown = Vous êtes connecté là-bas, mais aucun compte d’ici ne correspond au vôtre.
delegation-step-too-many = Vous êtes connecté là-bas, mais trop de comptes d’ici correspondent au vôtre.
delegation-code = Étape en cause : { $code }
onward-title = Votre connexion est faite
onward = Vous allez vers { $service }. Si rien ne se passe, continuez vous-même.
choose-account-title = Quel compte utiliser ?
choose-account = Plusieurs comptes correspondent à votre connexion avec { $name }. Choisissez celui qu’il vous faut.
choose-account-service = Plusieurs comptes correspondent à votre connexion avec { $name }. Choisissez celui qui ouvrira { $service }.
still-signed-in = Vous êtes peut-être encore connecté à { $name }.
sign-out-too = Se déconnecter aussi de { $name }

## Nouveau mot de passe

newpw-rule-length = Au moins { $n } caractères. Une phrase de quatre mots convient très bien.
newpw-rule-personal = Sans votre nom, votre identifiant, votre date de naissance ni le nom de votre établissement.
newpw-rule-common = Pas un mot de passe courant, même suivi d’une année ou de chiffres.
newpw-rule-lower = Au moins une minuscule.
newpw-rule-upper = Au moins une majuscule.
newpw-rule-digit = Au moins un chiffre.
newpw-rule-symbol = Au moins un signe ou une espace.
newpw-flaw-short = Ce mot de passe est trop court : il faut au moins { $n } caractères. Ajoutez un ou deux mots.
newpw-flaw-long = Ce mot de passe est trop long : { $n } caractères au plus.
newpw-flaw-control = Ce mot de passe contient un caractère invisible, une tabulation par exemple. Tapez-le sans.
newpw-flaw-personal = Évitez votre nom, votre identifiant ou votre adresse : ce mot de passe contient « { $part } ».
newpw-flaw-birth-date = Évitez votre date de naissance : d’autres la connaissent.
newpw-flaw-here = Évitez votre établissement, sa ville et l’année : ce mot de passe contient « { $part } ».
newpw-flaw-common = Ce mot de passe est trop courant : on y reconnaît « { $part } ». Choisissez-en un autre, une phrase de quatre mots par exemple.
newpw-flaw-breached = Ce mot de passe figure dans une liste de mots de passe volés. Choisissez-en un autre, et changez-le partout où vous l’utilisez.
newpw-flaw-guessable = Encore trop facile à deviner. Ajoutez un ou deux mots sans rapport.
newpw-flaw-guessable-part = Encore trop facile à deviner : contient « { $part } ». Ajoutez un ou deux mots sans rapport.
newpw-flaw-lower = Ajoutez une minuscule.
newpw-flaw-upper = Ajoutez une majuscule.
newpw-flaw-digit = Ajoutez un chiffre.
newpw-flaw-symbol = Ajoutez un signe ou une espace.
newpw-flaw-differs = Les deux saisies sont différentes. Tapez deux fois le même mot de passe, ou affichez-le.
newpw-flaw-same = C’est déjà votre mot de passe. Choisissez-en un autre.
newpw-strength-very-weak = Deviné tout de suite
newpw-strength-weak = Très facile à deviner
newpw-strength-fair = Encore trop facile à deviner
newpw-strength-good = Difficile à deviner
newpw-strength-strong = Très difficile à deviner

## Événements de sécurité

event-signed-in = Connexion
event-sign-in-refused = Connexion refusée
event-sign-in-throttled = Connexion refusée : trop d’essais
event-ticket-replayed = Un ticket qui avait servi a été présenté une seconde fois
event-session-ended = Déconnexion
event-sessions-ended = Toutes les connexions ont été fermées
event-epoch-raised = Toutes les connexions et tous les liens ont été annulés
event-must-change = Changement de mot de passe demandé à la prochaine connexion
event-must-change-lifted = Changement de mot de passe plus demandé
event-keys-rotated = Clés du service remplacées
event-recovery-requested = Demande de nouveau mot de passe
event-recovery-sent = Lien pour choisir un mot de passe envoyé
event-recovery-over-budget = Demande de nouveau mot de passe sans envoi : trop de demandes
event-recovery-refused = Demande de nouveau mot de passe refusée
event-recovery-crowded = Trop de demandes dans l’heure : les suivantes attendent
event-letters-crowded = Beaucoup de messages attendent d’être envoyés
event-text-messages-spent = Les SMS du mois sont presque tous utilisés
event-recovery-given-up = Demande abandonnée : elle n’a pas pu être traitée
event-account-disowned = Changement de mot de passe contesté : compte fermé
event-account-reopened = Compte rouvert par l’assistance
event-recovery-revoked = Demande signalée comme ne venant pas de vous : ses liens ne marchent plus
event-link-opened = Lien ouvert
event-code-tried = Code saisi
event-ticket-claimed = Choix d’un nouveau mot de passe
event-password-refused = Nouveau mot de passe refusé par l’annuaire
event-password-written = Mot de passe changé
event-ticket-spent = Lien utilisé
event-notice-queued = Message d’information préparé
event-address-added = Adresse de secours ajoutée
event-address-confirmed = Adresse de secours confirmée
event-address-removed = Adresse de secours retirée
event-address-restored = Adresse de secours rétablie
event-sent-by-agent = Lien ou code donné par l’assistance

# CAPTCHA
captcha-title = Prouver que vous n’êtes pas un robot
captcha-legend = Vérification
captcha-hint = Recopiez les caractères de l’image, ou les chiffres que vous entendez. Les majuscules et les espaces ne comptent pas.
captcha-picture = Image de six lettres à recopier ; vous pouvez aussi écouter des chiffres
captcha-listen = Écouter les chiffres
captcha-player = Six chiffres à écouter
captcha-answer = Caractères de l’image ou chiffres entendus
captcha-other = Une autre image et d’autres chiffres
captcha-person = Je ne peux pas répondre : demander à une personne
captcha-mend = À corriger
captcha-wrong = Les caractères ne correspondent pas. Une nouvelle image est affichée.
captcha-gone = Cette vérification avait expiré ou déjà servi. Une nouvelle image est affichée.
captcha-computing = Vérification automatique en cours…
captcha-computed = Vérification automatique réussie.
captcha-next = Suivant
## Mon compte

account-title = Mon compte
account-problem = À corriger
account-identity = Identité
account-login = Identifiant : { $login }
account-identity-source = Ces informations viennent de votre établissement : demandez-lui de les corriger si besoin.
account-password-change = Changer de mot de passe
account-password-title = Changer de mot de passe
account-password-elsewhere = Le mot de passe de ce compte ne se change pas ici. Adressez-vous au contact indiqué en bas de page.
account-recovery = Adresses et numéros de secours
account-recovery-why = Si vous oubliez votre mot de passe, un lien part vers une adresse vérifiée.
account-addresses-elsewhere = Ces adresses ne se changent pas ici. Adressez-vous au contact indiqué en bas de page.
account-state-verified = Vérifiée
account-state-institution = Donnée par votre établissement
account-state-unverified = À vérifier : saisissez le code reçu à cette adresse.
account-code = Code à six chiffres
account-resend = Renvoyer un code
account-remove = Retirer
account-last = Gardez au moins une adresse vérifiée.
account-add-mail = Ajouter une adresse e-mail
account-add-mobile = Ajouter un mobile
account-add-mail-lede = Un message avec un code part vers cette adresse. Elle servira une fois le code saisi.
account-add-mobile-lede = Un SMS avec un code part vers ce numéro. Il servira une fois le code saisi.
account-mobile = Numéro de mobile
account-mail-hint = Une adresse que vous lisez sans le mot de passe de ce compte.
account-send-code = Recevoir un code
account-remove-title = Retirer cette adresse ?
account-remove-text = Plus rien n’y sera envoyé. Vos adresses en seront informées et pourront l’annuler pendant trois jours.
account-sessions = Appareils connectés
account-here = Cet appareil
account-when = le { $day } à { $time }
account-since = Connexion : { $when }
account-used = Dernière activité : { $when }
account-kept = « Rester connecté » : fin au plus tard { $when }
account-program = Ouverte par un programme : { $program }
account-close = Fermer cette connexion
account-close-others = Fermer toutes les autres connexions
account-journal = Événements récents
account-refused = (refusé)
account-device = { $browser } sur { $system }
account-services = Applications ouvertes depuis cette connexion
account-language = Langue
account-language-now = Cette page est en : { $language }. Les autres langues sont en bas de page.
account-data = Mes données
account-data-why = Ce qui est conservé ici à votre sujet : identité, adresses de secours, connexions, événements récents. Aucun mot de passe.
account-data-download = Télécharger mes données
account-prove = Pour votre sécurité, saisissez à nouveau votre mot de passe avant ce changement.
account-keep = Garder mes autres connexions
account-keep-hint = Sinon, vos autres appareils seront déconnectés.
account-keep-hint-long = Sinon, vos autres appareils seront déconnectés. Ceux où vous avez choisi « Rester connecté » le seront dans tous les cas.
account-throttled-until = Trop d’essais. Réessayez à { $time }.
account-said-password-saved = Votre nouveau mot de passe est enregistré.
account-said-address-added = Un code vient d’être envoyé. Saisissez-le ci-dessous.
account-said-address-confirmed = C’est vérifié : cette adresse servira si vous oubliez votre mot de passe.
account-said-address-removed = L’adresse est retirée.
account-said-resent = Un nouveau code vient d’être envoyé ; le précédent ne sert plus.
account-said-session-ended = La connexion est fermée.
account-said-sessions-ended = Toutes les autres connexions sont fermées.
account-wrong-page-too-old = Cette page est restée ouverte trop longtemps, ou votre navigateur refuse les cookies. Recommencez.
account-wrong-password-empty = Saisissez votre mot de passe.
account-wrong-password-wrong = Ce n’est pas votre mot de passe actuel. Vérifiez les majuscules.
account-wrong-directory-down = L’annuaire de votre établissement ne répond pas ; rien n’a été changé. Réessayez dans quelques minutes.
account-wrong-not-allowed = L’annuaire de votre établissement ne permet pas ce changement. Ce n’est pas une erreur de votre part : signalez-le à l’assistance.
account-wrong-mail-empty = Saisissez une adresse e-mail.
account-wrong-mail-unfit = Ce n’est pas une adresse e-mail complète. Écrivez-en une seule, comme camille@exemple.fr
account-wrong-mobile-empty = Saisissez un numéro de mobile.
account-wrong-mobile-unfit = Ce n’est pas un numéro de téléphone. Écrivez-en un seul, comme 06 12 34 56 78.
account-wrong-known = Cette adresse est déjà connue.
account-wrong-full = Vous avez déjà cinq adresses : retirez-en une d’abord.
account-wrong-too-many-sent = Trop de codes ont été envoyés. Attendez une heure avant d’en demander un autre.
account-wrong-code-empty = Saisissez le code à six chiffres du message.
account-wrong-code-wrong = Ce n’est pas le code du dernier message.
account-wrong-code-worn-out = Trop d’essais avec ce code : demandez-en un nouveau.
account-wrong-code-dead = Ce code ne sert plus : l’adresse a changé, ou le code est trop vieux. Demandez-en un nouveau.
account-wrong-last-one = Cette adresse ne peut pas être retirée : c’est la dernière qui est vérifiée, ou elle vient de votre établissement.
account-wrong-gone = Ce n’est plus là : quelqu’un l’a changé entre-temps.
account-confirm-ask-title = Confirmer cette adresse
account-confirm-done-title = Adresse confirmée
account-confirm-dead-title = Ce lien ne sert plus
account-confirm-text = L’adresse { $mask } pourra servir à retrouver l’accès à votre compte.
account-confirm-done = Elle servira si vous oubliez votre mot de passe.
account-confirm-dead = L’adresse est déjà confirmée, elle a changé, ou un message plus récent remplace ce lien.
account-undo-ask-title = Annuler ce changement ?
account-undo-done-title = Le changement est annulé
account-undo-dead-title = Ce lien ne sert plus
account-undo-added = L’adresse de secours { $mask } a été ajoutée à votre compte.
account-undo-removed = L’adresse de secours { $mask } a été retirée de votre compte.
account-undo-text = Si ce n’était pas vous, annulez : tous les appareils connectés à ce compte seront déconnectés.
account-undo = Annuler le changement
account-undone-added = L’adresse { $mask } est retirée.
account-undone-removed = L’adresse { $mask } est rétablie.
account-undone-next = Quelqu’un d’autre était peut-être connecté à votre compte : choisissez un nouveau mot de passe.
account-undo-dead = Le changement est déjà annulé, ou plus de trois jours ont passé.
