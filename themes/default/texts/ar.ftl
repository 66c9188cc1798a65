# كلمات الصفحات بالعربية. المفاتيح والمتغيرات نفسها كما في fr.ftl.
# Draft: translated, not yet reviewed by two readers. Realms that want it list "ar" among their languages.

-status = draft

language-name = العربية
title-error = خطأ: { $title }
moment-time = { $hour }:{ $minute } ({ $zone })
moment-zone =
    { $city ->
        [Paris] بتوقيت باريس
        [Guadeloupe] بتوقيت غوادلوب
        [Martinique] بتوقيت مارتينيك
        [Cayenne] بتوقيت غويانا
        [Reunion] بتوقيت لا ريونيون
        [Mayotte] بتوقيت مايوت
        [Miquelon] بتوقيت سان بيير وميكلون
        [Noumea] بتوقيت نوميا
        [Tahiti] بتوقيت تاهيتي
        [Wallis] بتوقيت واليس
       *[other] { $offset }
    }
moment-day =
    { $day } { $month ->
        [1] يناير
        [2] فبراير
        [3] مارس
        [4] أبريل
        [5] مايو
        [6] يونيو
        [7] يوليو
        [8] أغسطس
        [9] سبتمبر
        [10] أكتوبر
        [11] نوفمبر
       *[other] ديسمبر
    } { $year }
wait-until = في الساعة { $time }
wait-seconds =
    { $seconds ->
        [zero] الآن
        [one] بعد ثانية واحدة
        [two] بعد ثانيتين
        [few] بعد { $seconds } ثوانٍ
        [many] بعد { $seconds } ثانية
       *[other] بعد { $seconds } ثانية
    }

## حول كل صفحة

skip = الانتقال إلى المحتوى
demo = عرض تجريبي: الأشخاص والمؤسسات هنا من نسج الخيال.
test = مؤسسة للتجربة فقط: لا تستخدمها استخدامًا فعليًا.
change-institution = تغيير المؤسسة
help = هل تحتاج إلى مساعدة؟
help-school = توجّه إلى أمانة مؤسستك أو إلى قسم المعلوماتية فيها.
contact-site = صفحة المساعدة
languages = اللغات
accessibility-full = إمكانية الوصول: مطابقة كليًا
accessibility-partial = إمكانية الوصول: مطابقة جزئيًا
accessibility-none = إمكانية الوصول: غير مطابقة
legal-notice = إشعارات قانونية
privacy = البيانات الشخصية
draft-language = هذه الترجمة أولية ولم يراجعها أحد بعد.
banner = إعلان
banner-until = حتى { $day } في الساعة { $time }.
support-code = رمز المساعدة: { $code }
support-code-label = رمز المساعدة
ask = توجّه إلى { $contact }:
ask-school = توجّه إلى أمانة مؤسستك أو إلى قسم المعلوماتية فيها.
back = رجوع
try-again = إعادة المحاولة

## تسجيل الدخول

login-title = تسجيل الدخول
login-for = للوصول إلى { $service }
username = اسم المستخدم
password = كلمة المرور
password-show = إظهار
password-hide = إخفاء
caps-lock = مفتاح الأحرف الكبيرة مفعّل.
warn-me = نبّهني قبل فتح تطبيق آخر
remember-me =
    { $days ->
        [zero] إبقائي متصلًا على هذا الجهاز
        [one] إبقائي متصلًا على هذا الجهاز (يومًا واحدًا كحد أقصى)
        [two] إبقائي متصلًا على هذا الجهاز (يومين كحد أقصى)
        [few] إبقائي متصلًا على هذا الجهاز ({ $days } أيام كحد أقصى)
        [many] إبقائي متصلًا على هذا الجهاز ({ $days } يومًا كحد أقصى)
       *[other] إبقائي متصلًا على هذا الجهاز ({ $days } يوم كحد أقصى)
    }
remember-me-hint = على جهاز شخصي فقط، وليس أبدًا على حاسوب مشترك.
sign-in = تسجيل الدخول
forgot-password = هل نسيت كلمة المرور؟
lost-password = نسيت كلمة المرور
forgot-username = هل نسيت اسم المستخدم؟
activate = أول دخول: تفعيل حسابي
problem-empty = معلومات ناقصة
problem-wrong = تعذّر تسجيل الدخول
problem-throttled = محاولات كثيرة
problem-check = تحقق إضافي
problem-not-human = أعد المحاولة
problem-check-gone = أعد المحاولة
problem-directory-down = لحظة من فضلك
problem-crowded = ازدحام شديد الآن
problem-page-too-old = بقيت الصفحة مفتوحة أطول من اللازم
problem-session-ended = انتهت جلستك
problem-vouched = تعذّر تسجيل الدخول تلقائيًا
problem-cookies-blocked = ملفات تعريف الارتباط محظورة
login-no-username = أدخل اسم المستخدم.
login-no-password = أدخل كلمة المرور.
login-wrong = اسم المستخدم أو كلمة المرور غير صحيحة.
login-wrong-look = تحقّق من الأحرف الكبيرة والصغيرة، ثم أدخل كلمة المرور من جديد.
login-wrong-look-institution = تحقّق من الأحرف الكبيرة والصغيرة ومن المؤسسة المذكورة أعلاه، ثم أدخل كلمة المرور من جديد.
login-tries-seconds =
    { $left ->
        [zero] لم تبقَ أي محاولة
        [one] بقيت محاولة واحدة
        [two] بقيت محاولتان
        [few] بقيت { $left } محاولات
        [many] بقيت { $left } محاولة
       *[other] بقيت { $left } محاولة
    } قبل توقّف مدته { $seconds ->
        [zero] أقل من ثانية.
        [one] ثانية واحدة.
        [two] ثانيتان.
        [few] { $seconds } ثوانٍ.
        [many] { $seconds } ثانية.
       *[other] { $seconds } ثانية.
    }
login-tries-minutes =
    { $left ->
        [zero] لم تبقَ أي محاولة
        [one] بقيت محاولة واحدة
        [two] بقيت محاولتان
        [few] بقيت { $left } محاولات
        [many] بقيت { $left } محاولة
       *[other] بقيت { $left } محاولة
    } قبل توقّف مدته { $minutes ->
        [zero] أقل من دقيقة.
        [one] دقيقة واحدة.
        [two] دقيقتان.
        [few] { $minutes } دقائق.
        [many] { $minutes } دقيقة.
       *[other] { $minutes } دقيقة.
    }
login-throttled = لحماية حسابك، تسجيل الدخول متوقف مؤقتًا. حاول مجددًا { $wait }.
login-check = يفشل حاليًا كثير من محاولات تسجيل الدخول من شبكتك. انسخ رموز الصورة ثم أدخل كلمة المرور من جديد: حسابك غير محظور.
login-not-human = الإجابة غير مطابقة: إليك أخرى. أدخل كلمة المرور من جديد أيضًا.
login-check-gone = انتهت صلاحية هذا التحقق أو استُخدم من قبل: إليك تحققًا آخر. أدخل كلمة المرور من جديد أيضًا.
login-directory-down = خدمة تسجيل الدخول في مؤسستك لا تستجيب. لا خطأ من جهتك: حاول مجددًا بعد بضع دقائق.
login-crowded = دليل مؤسستك مزدحم جدًا، فلم يمكن التحقق من كلمة مرورك. لا تُحسب هذه محاولة فاشلة ولم يضع شيء، واسم المستخدم محفوظ.
login-crowded-next =
    { $seconds ->
        [zero] اكتب كلمة مرورك من جديد الآن.
        [one] انتظر ثانية واحدة، ثم اكتب كلمة مرورك من جديد.
        [two] انتظر ثانيتين، ثم اكتب كلمة مرورك من جديد.
        [few] انتظر { $seconds } ثوانٍ، ثم اكتب كلمة مرورك من جديد.
        [many] انتظر { $seconds } ثانية، ثم اكتب كلمة مرورك من جديد.
       *[other] انتظر { $seconds } ثانية، ثم اكتب كلمة مرورك من جديد.
    }
waiting-text = دليل مؤسستك مزدحم جدًا. لم يضع شيء: اترك هذه الصفحة مفتوحة، فهي تنتظر دورك وتتابع من تلقاء نفسها.
waiting-still = لا يزال الازدحام قائمًا. هذه الصفحة تواصل الانتظار عنك: ليس عليك فعل شيء.
waiting-over = لا يزال الازدحام شديدًا. احتياطًا مُحيت كلمة مرورك من هذه الصفحة: اكتبها من جديد حين تريد المحاولة.
waiting-stop = إيقاف الانتظار
login-page-too-old = احتفظنا باسم المستخدم: أدخل كلمة المرور من جديد.
login-session-ended = أُغلق حسابك أو تغيّر. أدخل كلمة المرور لمعرفة المزيد.
login-vouched = الحساب الذي يعلنه جهازك غير معروف هنا. أدخل اسم المستخدم وكلمة المرور.
cookies-text = متصفحك لا يقبل ملفات تعريف الارتباط اللازمة لتسجيل الدخول.
cookies-mend = اسمح بملفات تعريف الارتباط لهذا العنوان، أو غادر التصفح الخاص، ثم أعد المحاولة.
confirm-title = أكّد كلمة المرور
confirm-text = أنت متصل بالفعل. حرصًا على سلامة حسابك، أدخل كلمة المرور من جديد.
confirm-text-service = حرصًا على سلامة حسابك، أدخل كلمة المرور من جديد قبل فتح { $service }.
confirm-wrong = كلمة المرور غير صحيحة. تحقّق من الأحرف الكبيرة والصغيرة.
confirm = تأكيد
not-me = لست أنا

## الجلسة

signed-in-title = أنت متصل
signed-in-as = باسم { $name } ({ $place }).
signed-in-next = افتح أي تطبيق تريده: لن يطلب منك كلمة المرور مرة أخرى.
your-services = تطبيقاتك
sign-out = تسجيل الخروج
switch-account = تغيير الحساب
shared-computer = على جهاز مشترك، سجّل خروجك قبل المغادرة.
signed-out-title = تم تسجيل خروجك
shared-computer-close = على جهاز مشترك، أغلق المتصفح أيضًا.
farewell-title = تطبيقاتك
farewell-underway = جارٍ الإغلاق…
farewell-yes = أُغلقت الجلسة
farewell-no = ربما ما زالت مفتوحة
farewell-by-browser = طلب متصفحك الإغلاق
farewell-close-them = أحد التطبيقات لم يستجب: أغلقه بنفسك أو أغلق المتصفح.
farewell-no-need-to-wait = لا حاجة إلى الانتظار: يستمر ذلك من دونك.
farewell-look-again = عرض مدى التقدم
continue-to = المتابعة إلى { $service }
sign-in-again = تسجيل الدخول من جديد
sign-out-title = هل تريد تسجيل الخروج؟
sign-out-text = أنت متصل باسم { $name }. ستُغلق تطبيقاتك أيضًا.
stay-signed-in = البقاء متصلًا
warning-title = هل تريد فتح هذا التطبيق؟
warning-text = سيعرف { $service } أنك { $name }.
warning-address = العنوان:
go-on = متابعة
stay-here = عدم الفتح
stop-warning = لا تنبّهني مرة أخرى

## التطبيقات

unknown-service-title = تطبيق غير معروف
unknown-service-host = التطبيق { $host } غير مسجّل لدى خدمة تسجيل الدخول.
unknown-service-address = التطبيق الذي أرسلك إلى هنا غير مسجّل لدى خدمة تسجيل الدخول.
unknown-service-safe = احتياطًا، لم يُرسل إليه أي شيء. عُد إلى التطبيق عبر عنوانه المعتاد؛ وإن تكرّر ذلك فأبلغ عنه.
for-administrator = للمسؤول التقني
detail-service = العنوان المطلوب (service)
detail-realm = نطاق الحسابات (realm)
detail-tried = القواعد التي جُرّبت
detail-code = رمز المساعدة
denied-title = الدخول مرفوض
denied-not-yet-title = لم يُفتح بعد
denied-not-yours = { $service } غير متاح لحسابك.
denied-disabled = { $service } مغلق حاليًا.
denied-no-single-sign-on = { $service } يطلب تسجيل دخول خاصًا به: افتحه وأدخل كلمة المرور من جديد.
denied-opens-at = سيُفتح لك { $service } يوم { $day } في الساعة { $time }.
denied-as = أنت متصل باسم { $name }.

## الرسائل

mail-greeting = مرحبًا،
mail-greeting-name = مرحبًا { $name }،
mail-login = المعرّف: { $login }
mail-device = { $browser } على { $system }
mail-asked = وصل الطلب في { $day } الساعة { $time }.
mail-asked-device = وصل الطلب في { $day } الساعة { $time }، من { $device }.
mail-until-hours =
    { $hours ->
        [zero] الرابط والرمز صالحان لمدة أي ساعة، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
        [one] الرابط والرمز صالحان لمدة ساعة واحدة، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
        [two] الرابط والرمز صالحان لمدة ساعتين، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
        [few] الرابط والرمز صالحان لمدة { $hours } ساعات، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
        [many] الرابط والرمز صالحان لمدة { $hours } ساعة، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
       *[other] الرابط والرمز صالحان لمدة { $hours } ساعة، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
    }
mail-until-minutes =
    { $minutes ->
        [zero] الرابط والرمز صالحان لمدة أي دقيقة، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
        [one] الرابط والرمز صالحان لمدة دقيقة واحدة، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
        [two] الرابط والرمز صالحان لمدة دقيقتين، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
        [few] الرابط والرمز صالحان لمدة { $minutes } دقائق، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
        [many] الرابط والرمز صالحان لمدة { $minutes } دقيقة، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
       *[other] الرابط والرمز صالحان لمدة { $minutes } دقيقة، حتى { $day } الساعة { $time }، ولمرة واحدة فقط.
    }
mail-open-link = افتح هذا العنوان لاختيار كلمة المرور الجديدة:
mail-copy-link = إذا لم يُفتح العنوان بالنقر عليه، فانسخه كاملًا والصقه في شريط العنوان في متصفحك.
mail-code-instead = أو أدخل معرّفك وهذا الرمز على جهاز آخر: { $code }
mail-never-asked = لن يطلب منك أحد من مؤسستك هذا الرمز ولا كلمة المرور.
mail-not-you = لم تكن أنت؟ يمكنك تجاهل هذه الرسالة: لن تتغير كلمة المرور. ويمكنك أيضًا إلغاء الطلب من هذا العنوان:
mail-ignore = لم تكن أنت؟ يمكنك تجاهل هذه الرسالة: لم يتغير شيء.
mail-you-fine = هل كنت أنت؟ لا يلزمك فعل شيء.
mail-not-me-ask = لم تكن أنت؟ أبلغ قسم المساعدة في مؤسستك فورًا.
mail-thanks = شكرًا لك.
mail-answer = لديك سؤال؟ يمكنك الرد على هذه الرسالة.
mail-no-answer = هذه الرسالة مُرسلة تلقائيًا: لا أحد يقرأ الردود عليها.
mail-reset-links-subject = اختيار كلمة مرور جديدة
mail-reset-why = لقد طلبتَ، أو طلب شخص آخر نيابة عنك، كلمة مرور جديدة.
mail-reset-why-agent = يرسل إليك قسم المساعدة ما يلزم لاختيار كلمة مرور جديدة.
mail-shared-text = تستخدم عدة حسابات هذا العنوان. ستطلب منك الصفحة معرّف الحساب: لن تتغير إلا كلمة مرور ذلك الحساب.
mail-shared-until = الرابط صالح حتى { $day } الساعة { $time }؛ ويعمل مرة واحدة لكل حساب.
mail-provisional-subject = رمزك المؤقت
mail-provisional-why = لقد طلبتَ، أو طلب شخص آخر نيابة عنك، اختيار كلمة المرور.
mail-provisional-code = في صفحة الدخول، أدخل معرّفك، ومكان كلمة المرور أدخل هذا الرمز المؤقت: { $code }
mail-provisional-then = ستختار كلمة المرور فورًا؛ ولا يفتح الرمز شيئًا آخر.
mail-provisional-link = أو افتح هذا العنوان:
mail-identifiers-subject = معرّفاتك
mail-identifiers-why = طلبت، أو طلب أحد نيابةً عنك، معرّفاتك. هذه هي المعرّفات المرتبطة بهذا العنوان.
mail-identifiers-not-you = لم تكن أنت؟ يمكنك تجاهل هذه الرسالة: أنت وحدك من يستلمها.
mail-identifiers-back = للعودة إلى الصفحة التي كنت فيها مع تعبئة معرّفك، افتح هذا العنوان:
mail-not-activated-subject = حسابك غير مُفعّل
mail-activate-at = حسابك غير مُفعّل: ليست له كلمة مرور بعد. فعّله من هذا العنوان:
mail-activate-ask = حسابك غير مُفعّل: ليست له كلمة مرور بعد. اسأل مؤسستك عن كيفية تفعيله.
mail-federated-subject = أين تغيّر كلمة المرور
mail-federated = لا تُغيَّر كلمة مرور هذا الحساب هنا، بل حيث تسجّل الدخول:
mail-refused-by-policy-subject = طلبك بشأن كلمة المرور
mail-refused = لا يمكن تغيير كلمة مرور هذا الحساب عبر الإنترنت. يُرجى مراجعة مؤسستك.
mail-password-changed-subject = تغيّرت كلمة المرور
mail-changed = غُيّرت كلمة مرور الحساب { $login } في { $day } الساعة { $time }.
mail-changed-mail = عن طريق رابط أو رمز وصل بالبريد الإلكتروني.
mail-changed-sms = عن طريق رمز وصل في رسالة نصية.
mail-changed-agent = عن طريق رمز من قسم المساعدة.
mail-changed-account = من صفحة «حسابي».
mail-changed-forced = بطلب من صفحة الدخول.
mail-device-line = الجهاز: { $device }
mail-network-line = الشبكة: { $prefix }
mail-changed-networks = طُلب من الشبكة { $from } في { $day } الساعة { $time }، واستُعمل من الشبكة { $prefix }.
mail-changed-not-me = لم تكن أنت؟ افتح هذا العنوان لإغلاق الحساب وإبلاغ قسم المساعدة:
mail-unlocked-subject = فُتح قفل حسابك
mail-unlocked = فُتح قفل الحساب { $login }: لم تعد المحاولات الفاشلة توقفه.
mail-address-added-subject = عنوان استرداد جديد
mail-address-added = { $mask } أصبح من عناوين أو أرقام استرداد الحساب { $login } منذ { $day } الساعة { $time }.
mail-address-removed-subject = أُزيل عنوان استرداد
mail-address-removed = { $mask } لم يعد من عناوين أو أرقام استرداد الحساب { $login } منذ { $day } الساعة { $time }.
mail-address-changed-subject = تغيّر عنوان استرداد
mail-address-changed = أحد عناوين أو أرقام استرداد الحساب { $login } أصبح { $mask } في { $day } الساعة { $time }.
mail-undo = لم تكن أنت؟ ألغِ هذا التغيير من هذا العنوان:
mail-confirm-address-subject = تأكيد عنوانك
mail-confirm = يريد الحساب { $login } استعمال هذا العنوان لاسترداد كلمة المرور.
mail-confirm-code = رمز التأكيد: { $code }
mail-confirm-link = أو افتح هذا العنوان وأدخل الرمز فيه:
mail-confirm-until = الرمز صالح حتى { $day } الساعة { $time }.
mail-confirm-ignore = لم تكن أنت؟ تجاهل هذه الرسالة: لن يُستعمل العنوان.
mail-sent-by-agent-subject = تصرّف قسم المساعدة في حسابك
mail-agent-sent = في { $day } الساعة { $time } أرسل قسم المساعدة إلى { $mask } ما يلزم لاختيار كلمة مرور جديدة للحساب { $login }.
mail-agent-printed = في { $day } الساعة { $time } طبع قسم المساعدة رمزًا لاختيار كلمة مرور جديدة للحساب { $login }.
mail-agent-revoke = لم تطلب شيئًا؟ ألغِ ذلك من هذا العنوان:
mail-disowned-subject = تغيير كلمة مرور متنازع فيه
mail-disowned = في { $day } الساعة { $time } أبلغ شخص أن كلمة مرور الحساب { $login } لم يغيّرها هو.
mail-disowned-next = تحقّق معه بطريقة تعرفها قبل أن تعيد فتح الحساب له.
# Text messages of 160 characters know no Arabic letters: they are said in French.
sms-reset-code = { $brand } : code { $code } pour choisir votre mot de passe, valable { $minutes } min. Ne le donnez à personne.
sms-confirm = { $brand } : code { $code } pour confirmer ce numéro. Ne le donnez à personne.
sms-changed = { $brand } : le mot de passe de { $login } a changé. Ce n’était pas vous ? Prévenez l’assistance.

## حساب مغلق (بعد كلمة مرور صحيحة)

closed-password-expired-title = انتهت صلاحية كلمة المرور
closed-password-expired = كلمة مرور الحساب { $name } لم تعد صالحة.
closed-password-expired-since = كلمة مرور الحساب { $name } لم تعد صالحة منذ { $day }.
closed-password-expired-next = حسابك ما زال قائمًا: كل ما يلزمك كلمة مرور جديدة.
closed-must-change-title = يجب تغيير كلمة المرور
closed-must-change = كلمة مرور الحساب { $name } مؤقتة: يجب اختيار كلمة أخرى قبل المتابعة.
closed-must-change-next = لا يمكن إجراء هذا التغيير في هذه الصفحة بعد.
closed-announced-title = لم يُفتح حسابك بعد
closed-announced = الحساب { $name } جاهز لكنه لم يُفتح بعد.
closed-announced-since = الحساب { $name } جاهز، وسيُفتح يوم { $day }.
closed-announced-next = عُد في ذلك اليوم. وإن احتجت إليه قبل ذلك فاطلب المساعدة.
closed-inactive-title = حسابك لم يعد مفعّلًا
closed-inactive = الحساب { $name } لم يعد مفعّلًا.
closed-inactive-since = الحساب { $name } لم يعد مفعّلًا منذ { $day }.
closed-inactive-next = إن كنت لا تزال تدرس أو تعمل هنا فاطلب إعادة فتحه.
closed-suspended-title = حسابك موقوف
closed-suspended = أوقفت مؤسستك الحساب { $name }.
closed-suspended-next = مؤسستك وحدها تستطيع إعادة فتحه.
closed-locked-title = حسابك مقفل
closed-locked = الحساب { $name } مقفل بعد محاولات كثيرة.
closed-locked-next = انتظر ربع ساعة قبل إعادة المحاولة. وإن لم تكن تلك المحاولات منك فأبلغ عنها.
closed-not-activated-title = لم يُفعَّل حسابك بعد
closed-not-activated = الحساب { $name } موجود لكنه لم يُفعَّل بعد.
closed-not-activated-next = أحضر الرسالة أو الرمز اللذين تسلّمتهما عند التسجيل.
sign-in-other = الدخول بحساب آخر

## كلمة مرور أو اسم مستخدم منسي

cancel = إلغاء
back-to-sign-in = العودة إلى تسجيل الدخول
no-access = لم يعد بإمكاني الوصول إلى بريدي أو هاتفي
recover-title = اختيار كلمة مرور جديدة
recover-lede = أخبرنا من أنت: سنرسل إليك رابطًا.
recover-lede-service = أخبرنا من أنت: سنرسل إليك رابطًا. ثم يمكنك فتح { $service }.
recover-username-title = العثور على اسم المستخدم
recover-username-lede = أدخل بريدك الإلكتروني: سنرسل إليه أسماء المستخدم الخاصة بك.
recover-identifier-or-email = اسم المستخدم أو البريد الإلكتروني
recover-email = البريد الإلكتروني
recover-email-hint = العنوان المسجّل لدى مؤسستك، مثل camille@exemple.fr
recover-no-identifier-or-email = أدخل اسم المستخدم أو بريدك الإلكتروني.
recover-no-email = أدخل بريدك الإلكتروني.
recover-submit = أرسلوا إليّ رابطًا
recover-submit-sms = أرسلوا لي رمزًا برسالة نصية
recover-username-submit = أرسلوا إليّ اسم المستخدم
recover-have-code = لديّ رمز
recover-otherwise = طرق أخرى
recover-by-mail = العثور على معرّفي بالبريد الإلكتروني
recover-by-who = العثور على معرّفي من دون بريد إلكتروني
recover-problem-empty = بيانات ناقصة
recover-problem-unfit = يلزم التصحيح
recover-problem-not-human = أعد المحاولة
recover-problem-check-gone = أعد المحاولة
recover-problem-page-too-old = بقيت الصفحة مفتوحة طويلًا
recover-problem-cookies-blocked = ملفات تعريف الارتباط محظورة
recover-problem-unavailable = لحظة من فضلك
recover-unfit = يحتوي اسم المستخدم على محارف غير ممكنة أو أنه طويل جدًا. أدخله من جديد.
recover-not-human = الإجابة غير مطابقة. إليك أخرى؛ احتفظنا بما أدخلته.
recover-check-gone = انتهت صلاحية هذا التحقق أو استُخدم من قبل: إليك تحققًا آخر.
recover-page-too-old = أعد المحاولة: احتفظنا بما أدخلته.
who-title = من أنا؟
who-lede = سيُرسل معرّفك إلى العناوين التي تعرفها مؤسستك. لا يظهر شيء هنا.
who-name = اسم العائلة
who-name-hint = كما في وثائق تسجيلك؛ لا أهمية للحروف الكبيرة ولا للتشكيل.
who-born = تاريخ الميلاد
who-born-hint = مثلًا 7 3 2004
who-day = اليوم
who-month = الشهر
who-year = السنة
who-number = رقم INE أو رقم الطالب
who-number-hint = على بطاقتك أو شهادتك المدرسية أو كشوف علاماتك.
who-no-name = أدخل اسم عائلتك.
who-no-born = أدخل تاريخ ميلاد موجودًا: اليوم والشهر والسنة بأربعة أرقام.
who-no-number = أدخل رقم INE أو رقم الطالب.
recover-unavailable = دليل مؤسستك لا يجيب: لا يمكن إرسال أي رسالة حاليًا. لا خطأ من جهتك: حاول مجددًا بعد بضع دقائق.
sent-title = راجع رسائلك
sent-text = إن وُجد حساب مطابق فستُرسل رسالة خلال خمس دقائق إلى العنوان المسجّل.
sent-sms-text = إذا طابق حسابٌ ما، يُرسل رمز برسالة نصية إلى الرقم المسجل. يعمل مرة واحدة ولمدة { $minutes } دقائق.
sent-until = يعمل الرابط مرة واحدة، حتى { $day } { $time }.
sent-sms = إذا وصلتك رسالة نصية قصيرة بدل البريد الإلكتروني، فإن رمزها صالح لمدة { $minutes } دقائق.
sent-username-text = إن وُجدت حسابات مطابقة فستُرسل إلى هذا العنوان خلال خمس دقائق رسالة فيها أسماء المستخدم.
sent-who-text = إذا طابقت هذه المعلومات حسابًا، يُرسل معرّفه خلال خمس دقائق إلى العناوين المسجلة.
sent-spam = راجع أيضًا البريد غير المرغوب فيه.
sent-sender = المرسل:
sent-subject = الموضوع:
sent-code = وصلني رمز
sent-nothing = لم يصلك شيء؟
sent-none = إن لم يكن لدينا عنوان لك، أو لم يُؤكَّد قط، أو كان حسابك مؤقتًا، فلا يمكن إرسال شيء.
sent-back = وجدت معرّفي: العودة إلى الصفحة السابقة
resend = إعادة إرسال الرسالة
resend-from = ممكن ابتداءً من { $time }.
resend-early = ربما لا تزال الرسالة في طريقها: يمكنك إعادة إرسالها ابتداءً من { $time }.
code-title = إدخال الرمز المستلم
code-text = تحتوي الرسالة على رابط ورمز. يقوم الرمز مقام الرابط، مثلًا إن كنت تقرأ رسائلك على جهاز آخر.
code-without-cookies = يرفض هذا المتصفح ملفات تعريف الارتباط، فلا يمكن فتح الرابط وحده. أدخل الرمز الموجود في الرسالة نفسها.
code-label = الرمز
code-hint = ثمانية محارف؛ لا أثر للمسافات ولا للأحرف الكبيرة.
code-problem-empty = بيانات ناقصة
code-problem-wrong = رُفض الرمز
code-problem-page-too-old = بقيت الصفحة مفتوحة طويلًا
code-problem-too-many = محاولات كثيرة
code-empty = أدخل اسم المستخدم والرمز الوارد في الرسالة.
code-wrong = لا يطابق الرمز اسم المستخدم هذا، أو لم يعد صالحًا. تحقق منهما أو اطلب رسالة جديدة.
code-page-too-old = أدخل الرمز من جديد: لم يضع شيء.
code-too-many = لحماية الحسابات تُرفض الرموز القادمة من شبكتك لمدة ساعة.
newpw-title = كلمة مرورك الجديدة
newpw-account = الحساب: { $login } – { $school }
newpw-whose = تستخدم عدة حسابات عنوانك. أخبرنا أيّها: لن تتغير إلا كلمة مروره.
newpw-then = ستنتقل بعدها إلى { $service }.
newpw-why-expired = انتهت صلاحية كلمة مرورك: اختر كلمة جديدة.
newpw-why-must-change = كلمة مرورك مؤقتة: اختر كلمتك.
newpw-why-provisional = رمزك صحيح: اختر الآن كلمة مرورك.
newpw-why-ending = اختر كلمة مرورك الجديدة الآن.
ending-title = ستنتهي صلاحية كلمة مرورك قريبًا
ending-today = هي صالحة فقط حتى { $day } الساعة { $time }. غيّرها الآن: لن يستغرق ذلك سوى دقيقة.
ending-text = هي صالحة حتى { $day } الساعة { $time } (عدد الأيام المتبقية: { $days }). غيّرها الآن: لن يستغرق ذلك سوى دقيقة.
ending-stuck = لا يمكن تغييرها في هذه اللحظة. يمكنك ذلك عند تسجيل الدخول القادم، قبل هذا التاريخ.
ending-change = تغيير كلمة مروري
ending-later = لاحقًا
ending-later-service = لاحقًا: المتابعة إلى { $service }
newpw-rules = يجب أن تراعي كلمة مرورك هذه القواعد:
newpw-current = كلمة المرور الحالية
newpw-new = كلمة المرور الجديدة
newpw-confirm = نفسها مرة أخرى
newpw-submit = حفظ كلمة المرور
newpw-until = يمكن استخدام هذه الصفحة حتى { $day } { $time }.
newpw-sent-to = وصل الرابط أو الرمز إلى: { $mask }
newpw-not-mine-text = لم تطلب شيئًا؟
newpw-not-mine = ليس هذا طلبي
newpw-problem-empty = بيانات ناقصة
newpw-problem-username-wrong = يُرجى التصحيح
newpw-problem-username-empty = ينقص شيء
newpw-problem-weak = اختر كلمة مرور أخرى
newpw-problem-refused = رُفضت كلمة المرور
newpw-problem-too-young = من المبكر جدًا
newpw-problem-current-empty = بيانات ناقصة
newpw-problem-current-wrong = رُفضت كلمة المرور الحالية
newpw-problem-busy = جارٍ التنفيذ
newpw-problem-unknown = النتيجة غير مؤكدة
newpw-problem-directory-down = لحظة من فضلك
newpw-problem-closed = لحظة من فضلك
newpw-problem-page-too-old = بقيت الصفحة مفتوحة طويلًا
newpw-empty = أدخل كلمة مرورك الجديدة.
newpw-username-wrong = لا يتوافق هذا المعرّف مع هذه الرسالة. تحقق منه أو ابحث عنه عبر الرابط أدناه.
newpw-username-empty = أدخل معرّف الحساب.
newpw-current-empty = أدخل كلمة مرورك الحالية.
newpw-current-wrong = ليست هذه كلمة مرورك الحالية. تحقق من الأحرف الكبيرة.
newpw-still-good = لم يضع شيء: رابطك لا يزال صالحًا.
newpw-refused-too-short = يرى دليل مؤسستك أن كلمة المرور هذه قصيرة جدًا.
newpw-refused-too-long = يرى دليل مؤسستك أن كلمة المرور هذه طويلة جدًا.
newpw-refused-in-history = سبق أن استخدمت كلمة المرور هذه. اختر غيرها.
newpw-refused-quality = يرى دليل مؤسستك أن كلمة المرور هذه سهلة التخمين.
newpw-refused-not-allowed = لا يسمح دليل مؤسستك بهذا التغيير. ليس هذا خطأ منك: أخبر قسم المساعدة.
newpw-refused-other = رفض دليل مؤسستك كلمة المرور هذه. اختر غيرها.
newpw-too-young = غُيّرت كلمة مرورك قبل قليل: يطلب دليل مؤسستك الانتظار. حاول لاحقًا.
newpw-too-young-until = غُيّرت كلمة مرورك قبل قليل: يطلب دليل مؤسستك الانتظار حتى { $day } { $time }.
newpw-busy = هناك حفظ جارٍ. حاول مجددًا بعد { $seconds } ثانية.
newpw-unknown = لم يجب دليل مؤسستك في الوقت المناسب. تحقق بتسجيل الدخول بكلمة المرور الجديدة؛ وإن رُفضت فعد إلى هذه الصفحة.
newpw-directory-down = دليل مؤسستك لا يجيب؛ لم يتغير شيء. رابطك لا يزال صالحًا: حاول مجددًا بعد بضع دقائق.
newpw-closed = لا يستطيع دليل مؤسستك حفظ كلمة مرور حاليًا. لا داعي لكتابة واحدة الآن: حاول مجددًا بعد بضع دقائق.
newpw-page-too-old = أدخل كلمة مرورك من جديد: رابطك لا يزال صالحًا.
saved-title = حُفظت كلمة مرورك الجديدة
saved-told = رسالة تأكيد في طريقها إلى عناوينك.
saved-ended = عدد الاتصالات الأخرى التي أُغلقت: { $count }.
saved-keep = احتفظ بها لنفسك: لن يطلبها منك أحد من مؤسستك. غيّرها أيضًا حيث يحفظها جهاز (الواي فاي، البريد).
saved-go = تسجيل الدخول إلى { $service }
link-again = الحصول على رابط جديد
link-unknown-title = رابط غير معروف
link-unknown = ربما كان الرابط ناقصًا: انسخ العنوان كاملًا من الرسالة أو أدخل الرمز.
link-expired-title = لم يعد هذا الرابط صالحًا
link-expired = انتهت صلاحيته في { $day } { $time }. لم تتغير كلمة مرورك.
link-used-title = سبق استخدام هذا الرابط
link-used = استُخدم في { $day } { $time } لاختيار كلمة مرور. إن لم تكن أنت فاطلب رابطًا جديدًا وأخبر مؤسستك.
link-replaced-title = حلّ رابط آخر محل هذا
link-replaced = منذ { $day } { $time } حلّت محله رسالة أحدث: استخدم رابطها.
link-revoked-title = أُلغي هذا الرابط
link-revoked = لم يعد يفتح شيئًا منذ { $day } { $time }: أُلغي الطلب، أو أنهاه تسجيل دخول أو كلمة مرور جديدة أو عنوان جديد.
link-busy-title = هناك حفظ جارٍ
link-busy = يجري اختيار كلمة مرور بهذا الرابط في صفحة أخرى. حاول مجددًا بعد ثلاثين ثانية.
link-changed-title = سبق تغيير كلمة مرورك
link-changed = هذا الرابط أقدم من ذلك التغيير: لم يعد يفتح شيئًا.
link-worn-out-title = لم يعد ممكنًا استخدام هذا الرابط
link-worn-out = رُفضت كلمات مرور كثيرة بهذا الرابط. اطلب رابطًا جديدًا.
link-closed-title = التغيير غير ممكن هنا
link-closed = لا يمكن لهذا الحساب تغيير كلمة المرور في هذه الصفحة.
link-lost-title = لنبدأ من الرسالة
link-lost = بقيت هذه الصفحة مفتوحة طويلًا، أو جاءت من متصفح آخر. افتح رابط الرسالة من جديد.
link-not-offered-title = لا تغيير عبر الإنترنت
link-not-offered = لا تتيح مؤسستك اختيار كلمة مرور جديدة هنا.
sure-request = لست أنا من قدّم هذا الطلب
sure-change = لست أنا من أجرى هذا التغيير
sure-problem = خانة يجب تحديدها
sure-missing = حدّد الخانة ثم اضغط الزر من جديد: بهذا لا يجيب أي برنامج بريد آلي بدلًا منك.
sure-not-me = لست أنا من اختار كلمة المرور الجديدة هذه
disown-title = إغلاق هذا الحساب؟
disown-text = تغيّرت كلمة مرور حسابك. إن لم تكن أنت فأغلق الحساب: لن يستطيع أحد الدخول إليه، وستُقطع جميع الأجهزة، وسيُبلَّغ دعم مؤسستك.
disown-reopen = لا يعيد فتحه إلا الدعم بعد التحقق من هويتك.
disown = إغلاق الحساب
disown-done-title = أُغلق الحساب
disown-done = لا يستطيع أحد الدخول إليه بعد الآن، وقد أُبلغ دعم مؤسستك.
disown-done-next = تواصل معه لإعادة فتحه.
disown-dead-title = لم يعد هذا الرابط صالحًا
disown-dead = سبق استعماله أو اقتُطع أو مضى أكثر من سبعة أيام. تواصل مع دعم مؤسستك.
revoke-title = إلغاء الطلب؟
revoke-text = طُلبت كلمة مرور جديدة لحسابك. إن لم تكن أنت فألغِ الطلب: لن تفتح الروابط المرسلة شيئًا بعد ذلك.
revoke = إلغاء الطلب
revoked-title = أُلغي الطلب
revoked-text = لم تتغير كلمة مرورك، والروابط المرسلة لم تعد تفتح شيئًا.
revoked-next = إن عادت مثل هذه الرسائل فأخبر مؤسستك.
outbox-title = رسائل العرض التوضيحي
outbox-text = لا تصل إلى أحد: تبقى هنا.
outbox-empty = لا توجد رسائل بعد. تصل خلال ثوانٍ.
hub-title = هل تحتاج إلى مساعدة؟
hub-text = اختر ما حدث لك.
hub-password = نسيت كلمة المرور
hub-password-text = يُرسل إليك رابط إلى العنوان المسجّل لدى مؤسستك، تختار به كلمة مرور جديدة في دقيقتين.
hub-username = نسيت اسم المستخدم
hub-username-text = تُرسل أسماء المستخدم إلى البريد الإلكتروني المسجّل لدى مؤسستك.
hub-activate = لم أفعّل حسابي بعد
hub-activate-text = يُفعّل الحساب بالورقة أو الرسالة التي وصلتك من مؤسستك.
hub-activate-go = تفعيل حسابي
hub-access-text = لحمايتك، مؤسستك وحدها تستطيع تغيير العنوان أو الرقم الذي يصل إليه الرابط، بعد التحقق من هويتك.
hub-parent = أنا ولي أمر وأحتاج إلى مساعدة
hub-parent-text = لكل ولي أمر حسابه الخاص. إن كان أطفالك في المؤسسة نفسها فقد تخص رسالة واحدة عدة حسابات: انظر إلى اسم المستخدم لكل منها.
hub-ask = لا يمكن ذلك هنا لمؤسستك: اطلب المساعدة أدناه.

## المؤسسات

picker-title = ما هي مؤسستك؟
picker-recover = لاستعادة الوصول إلى حسابك.
picker-unknown = الرابط المستخدم يشير إلى مؤسسة غير معروفة. ابحث عن مؤسستك أدناه.
picker-recent = اختياراتك السابقة
picker-forget = نسيان هذا الاختيار
picker-always = استخدامه دائمًا
picker-always-used = يُستخدم دون سؤالك
picker-label = الاسم أو البلدة أو الرمز البريدي أو رمز UAI
picker-hint = يمكنك أيضًا إدخال عنوان بريدك الإلكتروني.
picker-search = بحث
picker-list = المؤسسات
picker-remember = تذكّر اختياري على هذا الجهاز
picker-near = القريبة مني
picker-near-wait = جارٍ تحديد موقعك…
picker-near-failed = تعذّر تحديد موقعك. جرّب اسم البلدة.
picker-departments = التصفح حسب المقاطعة
picker-found =
    { $total ->
        [zero] لا توجد مؤسسة
        [one] مؤسسة واحدة
        [two] مؤسستان
        [few] { $total } مؤسسات
        [many] { $total } مؤسسة
       *[other] { $total } مؤسسة
    }
picker-found-first =
    { $total ->
        [zero] لا توجد مؤسسة
        [one] مؤسسة واحدة
        [two] مؤسستان
        [few] { $total } مؤسسات
        [many] { $total } مؤسسة
       *[other] { $total } مؤسسة
    }، تُعرض أول { $shown } منها
picker-found-range =
    { $total ->
        [zero] لا توجد مؤسسة
        [one] مؤسسة واحدة
        [two] مؤسستان
        [few] { $total } مؤسسات
        [many] { $total } مؤسسة
       *[other] { $total } مؤسسة
    }، من { $first } إلى { $last }
picker-none = لم يُعثر على أي مؤسسة
picker-nothing = تحقّق من الإملاء أو جرّب اسم البلدة.
picker-nothing-said = لم يُعثر على أي مؤسسة. تحقّق من الإملاء أو جرّب اسم البلدة.
picker-near-miss = لا شيء يطابق تمامًا. هذه أقرب النتائج.
picker-failed = لا تصل الاقتراحات. اضغط على «بحث».
picker-around = حولك
picker-around-nothing = لا توجد مؤسسة معروفة قربك. جرّب اسم البلدة.
picker-kilometres =
    { $km ->
        [0] على بعد أقل من كيلومتر
       *[other] على بعد { $km } كم تقريبًا
    }
picker-few = جميع المؤسسات
picker-lost = لا أجد مؤسستي
picker-lost-town = جرّب بلدة المؤسسة أو رمزها البريدي، لا بلدة سكنك.
picker-lost-code = يوجد رمز UAI (سبعة أرقام وحرف) على كشوف الدرجات والشهادات المدرسية.
picker-lost-name = جرّب كلمة واحدة من اسمها: فربما سُجّلت باسم أقصر.
pages = الصفحات
page-previous = الصفحة السابقة
page-next = الصفحة التالية
browse-path = موضعك
browse-picker = البحث
browse-departments = المقاطعات
browse-elsewhere = أماكن أخرى
browse-letters = الانتقال إلى حرف
browse-nothing = لا توجد مؤسسة مصنّفة هنا.

## الصفحة العامة

welcome-title = العثور على مؤسستي
welcome-find = فتح صفحة مؤسستي
welcome-trouble = مشكلة في تسجيل الدخول
audience-everybody = للبدء
audience-pupils = التلاميذ
audience-parents = أولياء الأمور
audience-students = الطلاب
audience-teachers = المعلّمون
audience-staff = الموظفون

login-elsewhere-link = الرابط المستخدم يشير أيضا إلى { $institution }.
login-elsewhere-address = يبدو أن هذا العنوان تابع لـ { $institution }.
login-elsewhere-go = تغيير المؤسسة
accounts-title = بأي حساب؟
accounts-text = لقد سجلت الدخول إلى عدة مؤسسات. اختر الحساب الذي تريد استخدامه الآن.
accounts-other = تسجيل الدخول إلى مؤسسة أخرى

## بيان إمكانية الوصول

statement-title = بيان إمكانية الوصول
statement-for = تلتزم { $place } بجعل خدمة تسجيل الدخول متاحة للجميع، كما تقضي المادة 47 من القانون الفرنسي رقم ⁦2005-102⁩ الصادر في 11 فبراير 2005.
statement-address = الخدمة المعنية:
statement-level = حالة المطابقة
statement-full = هذه الخدمة مطابقة كليًا للمعيار الفرنسي لإمكانية الوصول (RGAA)، الإصدار 4.1.
statement-partial = هذه الخدمة مطابقة جزئيًا للمعيار الفرنسي لإمكانية الوصول (RGAA)، الإصدار 4.1.
statement-none = لم تُعلن مطابقة هذه الخدمة للمعيار الفرنسي لإمكانية الوصول (RGAA)، الإصدار 4.1: لم يثبتها أي تدقيق بعد.
statement-rate = وفقًا للتدقيق، { $rate }٪ من المعايير مستوفاة.
statement-gaps = محتويات يتعذّر الوصول إليها
statement-day = أُعدّ هذا البيان في { $day }.
statement-contact = هل تواجه صعوبة؟
statement-contact-text = إن تعذّر عليك استخدام صفحة ما فأخبرنا: سنساعدك على الوصول إلى الخدمة بطريقة أخرى، أو نصحّح الصفحة.
statement-rights = سبل الانتصاف
statement-rights-text = إن أبلغت عن صعوبة ولم تحصل على جواب مُرضٍ فيمكنك التوجّه إلى المدافع عن الحقوق في فرنسا:
statement-rights-post = بالبريد، مجانًا ودون طابع:

## حوادث

trouble-not-found-title = الصفحة غير موجودة
trouble-not-found = هذا العنوان لا يؤدي إلى أي صفحة. ربما كان ناقصًا، أو حُذفت الصفحة.
trouble-unavailable-title = تسجيل الدخول غير متاح مؤقتًا
trouble-unavailable = لا خطأ من جهتك: حاول مجددًا بعد بضع دقائق.
trouble-busy-title = ازدحام شديد الآن
trouble-busy = لم يُعالَج طلبك، ولا خطأ من جهتك: حاول مجددًا بعد بضع ثوانٍ.
trouble-too-many-title = طلبات كثيرة
trouble-too-many = وصلت طلبات كثيرة دفعة واحدة. حاول مجددًا { $wait }.
trouble-cookies-title = ملفات تعريف الارتباط محظورة
trouble-looping-title = التطبيق يعيدك إلى هنا باستمرار
trouble-looping = أنت متصل فعلًا، لكن { $service } يرفض فتح صفحته لك ويعيدك إلى هنا.
trouble-looping-next = انتظر لحظة ثم افتح التطبيق من جديد. وإن تكرّر ذلك فأخبر قسم المساعدة.
trouble-bad-request-title = طلب غير مفهوم
trouble-bad-request = الرابط أو النموذج المستخدم غير مكتمل. عُد إلى التطبيق وابدأ من جديد.
trouble-not-allowed-title = طلب غير ممكن
trouble-not-allowed = لا يمكن فتح هذه الصفحة بهذه الطريقة. عُد إلى التطبيق وابدأ من جديد.
trouble-no-institution-title = مؤسسة غير معروفة
trouble-no-institution = الرابط المستخدم يشير إلى مؤسسة لا تعرفها هذه الخدمة.
trouble-no-institution-service = لا تملك أي من المؤسسات المسجّلة هنا حق الوصول إلى { $service }.
trouble-closed-title = المؤسسة مغلقة
trouble-closed = لم تعد { $institution } تقدم خدمة تسجيل الدخول هنا.
trouble-address-title = عنوان غير متوقع
trouble-address = وصلت عبر العنوان { $address }، ولا تعرفه هذه الخدمة عنوانًا لها. عُد إلى التطبيق وابدأ من جديد.
trouble-incident-title = وقع خلل
trouble-incident = ليس الخطأ منك. سُجّل الخلل.
trouble-incident-next = إن تكرّر ذلك فأعطِ هذا الرمز لقسم المساعدة: فهو يتيح معرفة ما حدث.

## تسجيل الدخول عبر خادم آخر

login-or = أو
login-with = تسجيل الدخول عبر { $name }
ways-families = التلاميذ وأولياء الأمور
ways-staff = العاملون
sign-in-otherwise = تسجيل الدخول بطريقة أخرى
delegation-failed-title = لم يكتمل تسجيل الدخول عبر { $name }
delegation-failed = لم يُتمّ { $name } تسجيل دخولك. ليس هذا خطأ منك.
delegation-step-foreign = لم يبدأ هذا المتصفح عملية الدخول هذه، أو أنه يرفض ملفات تعريف الارتباط اللازمة لها. ابدأ من جديد.
delegation-step-late = مرّت أكثر من عشر دقائق: يجب البدء من جديد.
delegation-step-again = سبق استخدام هذه الصفحة. ابدأ من جديد.
delegation-step-given-up = لم يتم تسجيل الدخول هناك، أو أُلغي.
delegation-step-withdrawn = لم تعد مؤسستك تتيح هذه الطريقة.
delegation-step-silent = لم يجب خادمه حين سألناه من أنت. أعد المحاولة بعد بضع دقائق.
delegation-step-unreadable = أجاب خادمه، لكن بطريقة لا نفهمها.
delegation-step-refused = لم يؤكد خادمه الدخول الذي قدمه متصفحك.
delegation-step-nameless = أنت متصل هناك، لكن تلك الخدمة لا تخبرنا بحسابك هنا.
delegation-step-unknown = أنت متصل هناك، لكن لا يوجد هنا حساب يطابق حسابك.
delegation-step-too-many = أنت متصل هناك، لكن حسابات كثيرة هنا تطابق حسابك.
delegation-code = المرحلة المعنية: { $code }
onward-title = تم تسجيل دخولك
onward = أنت في طريقك إلى { $service }. إن لم يحدث شيء فتابع بنفسك.
choose-account-title = أي حساب تريد استخدامه؟
choose-account = عدة حسابات تطابق دخولك عبر { $name }. اختر الحساب الذي تحتاج إليه.
choose-account-service = عدة حسابات تطابق دخولك عبر { $name }. اختر الحساب الذي سيفتح { $service }.
still-signed-in = ربما ما زلت متصلًا عبر { $name }.
sign-out-too = تسجيل الخروج من { $name } أيضًا

## كلمة مرور جديدة

newpw-rule-length = { $n } حرفًا على الأقل. عبارة من أربع كلمات مناسبة جدًا.
newpw-rule-personal = بدون اسمك أو معرّفك أو تاريخ ميلادك أو اسم مؤسستك.
newpw-rule-common = ليست كلمة مرور شائعة، حتى لو تبعتها سنة أو أرقام.
newpw-rule-lower = حرف صغير واحد على الأقل.
newpw-rule-upper = حرف كبير واحد على الأقل.
newpw-rule-digit = رقم واحد على الأقل.
newpw-rule-symbol = رمز أو مسافة على الأقل.
newpw-flaw-short = كلمة المرور هذه قصيرة جدًا: يلزم { $n } حرفًا على الأقل. أضف كلمة أو كلمتين.
newpw-flaw-long = كلمة المرور هذه طويلة جدًا: { $n } حرفًا على الأكثر.
newpw-flaw-control = تحتوي كلمة المرور هذه على حرف غير مرئي. اكتبها بدونه.
newpw-flaw-personal = تجنّب اسمك أو معرّفك أو عنوانك: تحتوي كلمة المرور هذه على « { $part } ».
newpw-flaw-birth-date = تجنّب تاريخ ميلادك: يعرفه آخرون.
newpw-flaw-here = تجنّب اسم مؤسستك ومدينتها والسنة: تحتوي كلمة المرور هذه على « { $part } ».
newpw-flaw-common = كلمة المرور هذه شائعة جدًا: يظهر فيها « { $part } ». اختر غيرها، عبارة من أربع كلمات مثلًا.
newpw-flaw-breached = كلمة المرور هذه في قائمة كلمات مرور مسروقة. اختر غيرها وغيّرها حيثما تستخدمها.
newpw-flaw-guessable = ما زالت سهلة التخمين. أضف كلمة أو كلمتين لا علاقة لهما بها.
newpw-flaw-guessable-part = ما زالت سهلة التخمين: تحتوي على « { $part } ». أضف كلمة أو كلمتين لا علاقة لهما بها.
newpw-flaw-lower = أضف حرفًا صغيرًا.
newpw-flaw-upper = أضف حرفًا كبيرًا.
newpw-flaw-digit = أضف رقمًا.
newpw-flaw-symbol = أضف رمزًا أو مسافة.
newpw-flaw-differs = الإدخالان مختلفان. اكتب كلمة المرور نفسها مرتين أو أظهرها.
newpw-flaw-same = هذه كلمة مرورك الحالية. اختر غيرها.
newpw-strength-very-weak = تُخمَّن فورًا
newpw-strength-weak = سهلة التخمين جدًا
newpw-strength-fair = ما زالت سهلة التخمين
newpw-strength-good = صعبة التخمين
newpw-strength-strong = صعبة التخمين جدًا

## أحداث الأمان

event-signed-in = تسجيل دخول
event-sign-in-refused = رُفض تسجيل الدخول
event-sign-in-throttled = رُفض تسجيل الدخول: محاولات كثيرة
event-ticket-replayed = قُدّمت تذكرة مستعملة مرة أخرى
event-session-ended = تسجيل خروج
event-sessions-ended = أُغلقت كل الجلسات
event-epoch-raised = أُلغيت كل الجلسات والروابط
event-must-change = يُطلب تغيير كلمة المرور عند تسجيل الدخول التالي
event-must-change-lifted = لم يعد تغيير كلمة المرور مطلوبًا
event-keys-rotated = استُبدلت مفاتيح الخدمة
event-recovery-requested = طلب كلمة مرور جديدة
event-recovery-sent = أُرسل رابط لاختيار كلمة مرور
event-recovery-over-budget = طلب كلمة مرور جديدة دون إرسال: طلبات كثيرة
event-recovery-refused = رُفض طلب كلمة مرور جديدة
event-recovery-crowded = طلبات كثيرة خلال ساعة: تنتظر الطلبات التالية
event-letters-crowded = رسائل كثيرة تنتظر الإرسال
event-text-messages-spent = أوشكت رسائل SMS لهذا الشهر على النفاد
event-recovery-given-up = تُرك الطلب: تعذّرت معالجته
event-account-disowned = اعتُرض على تغيير كلمة المرور: أُغلق الحساب
event-account-reopened = أعاد الدعم فتح الحساب
event-recovery-revoked = أُبلغ أن الطلب ليس منك: لم تعد روابطه تعمل
event-link-opened = فُتح الرابط
event-code-tried = أُدخل رمز
event-ticket-claimed = اختيار كلمة مرور جديدة
event-password-refused = رفض الدليل كلمة المرور الجديدة
event-password-written = غُيّرت كلمة المرور
event-ticket-spent = استُخدم الرابط
event-notice-queued = جُهّزت رسالة إعلام
event-address-added = أُضيف عنوان احتياطي
event-address-confirmed = أُكّد عنوان احتياطي
event-address-removed = أُزيل عنوان احتياطي
event-address-restored = أُعيد عنوان احتياطي
event-sent-by-agent = رابط أو رمز من خدمة المساعدة

# CAPTCHA
captcha-title = إثبات أنك لست برنامجًا آليًا
captcha-legend = التحقق
captcha-hint = اكتب الأحرف الظاهرة في الصورة، أو الأرقام التي تسمعها. لا فرق بين الأحرف الكبيرة والصغيرة، ولا أثر للمسافات.
captcha-picture = صورة من ستة أحرف لنسخها؛ يمكنك أيضًا الاستماع إلى أرقام
captcha-listen = الاستماع إلى الأرقام
captcha-player = ستة أرقام للاستماع إليها
captcha-answer = أحرف الصورة أو الأرقام المسموعة
captcha-other = صورة أخرى وأرقام أخرى
captcha-person = لا أستطيع الإجابة: اسأل شخصًا
captcha-mend = ما ينبغي تصحيحه
captcha-wrong = الأحرف غير مطابقة. تظهر الآن صورة جديدة.
captcha-gone = انتهت صلاحية هذا التحقق أو سبق استعماله. تظهر الآن صورة جديدة.
captcha-computing = التحقق الآلي جارٍ…
captcha-computed = نجح التحقق الآلي.
captcha-next = التالي
## حسابي

account-title = حسابي
account-problem = يجب التصحيح
account-identity = الهوية
account-login = اسم المستخدم: { $login }
account-identity-source = تأتي هذه المعلومات من مؤسستك: اطلب منها تصحيحها عند الحاجة.
account-password-change = تغيير كلمة المرور
account-password-title = تغيير كلمة المرور
account-password-elsewhere = لا تُغيَّر كلمة مرور هذا الحساب هنا. اتصل بالجهة المذكورة أسفل الصفحة.
account-recovery = عناوين وأرقام الاسترجاع
account-recovery-why = إذا نسيت كلمة المرور، يُرسل رابط إلى عنوان مؤكَّد.
account-addresses-elsewhere = لا تُغيَّر هذه العناوين هنا. اتصل بالجهة المذكورة أسفل الصفحة.
account-state-verified = مؤكَّد
account-state-institution = مقدَّم من مؤسستك
account-state-unverified = لم يؤكَّد بعد: أدخل الرمز المرسل إلى هذا العنوان.
account-code = رمز من ستة أرقام
account-resend = إرسال رمز آخر
account-remove = إزالة
account-last = احتفظ بعنوان مؤكَّد واحد على الأقل.
account-add-mail = إضافة عنوان بريد إلكتروني
account-add-mobile = إضافة رقم هاتف محمول
account-add-mail-lede = تُرسل رسالة برمز إلى هذا العنوان، ويصبح صالحا بعد إدخال الرمز.
account-add-mobile-lede = تُرسل رسالة نصية برمز إلى هذا الرقم، ويصبح صالحا بعد إدخال الرمز.
account-mobile = رقم الهاتف المحمول
account-mail-hint = عنوان يمكنك قراءته دون كلمة مرور هذا الحساب.
account-send-code = أرسل لي رمزا
account-remove-title = إزالة هذا العنوان؟
account-remove-text = لن يُرسل إليه شيء بعد الآن. ستُخبَر عناوينك بذلك ويمكنها إلغاؤه خلال ثلاثة أيام.
account-sessions = الأجهزة المتصلة
account-here = هذا الجهاز
account-when = { $day } في { $time }
account-since = تسجيل الدخول: { $when }
account-used = آخر استخدام: { $when }
account-kept = البقاء متصلًا حتى { $when } كحد أقصى
account-program = فتحه برنامج: { $program }
account-close = إغلاق هذا الاتصال
account-close-others = إغلاق كل الاتصالات الأخرى
account-journal = الأحداث الأخيرة
account-refused = (مرفوض)
account-device = { $browser } على { $system }
account-services = التطبيقات المفتوحة من هذا الاتصال
account-language = اللغة
account-language-now = هذه الصفحة باللغة: { $language }. اللغات الأخرى أسفل الصفحة.
account-data = بياناتي
account-data-why = ما يُحفظ هنا عنك: هويتك وعناوين الاسترجاع والاتصالات والأحداث الأخيرة. بلا كلمات مرور.
account-data-download = تنزيل بياناتي
account-prove = لحماية حسابك، أدخل كلمة المرور مرة أخرى قبل هذا التغيير.
account-keep = الإبقاء على اتصالاتي الأخرى
account-keep-hint = وإلا ستُفصل أجهزتك الأخرى.
account-keep-hint-long = وإلا ستُفصل أجهزتك الأخرى. أما الأجهزة التي اخترت فيها البقاء متصلًا فستُفصل في كل الأحوال.
account-throttled-until = محاولات كثيرة. أعد المحاولة في { $time }.
account-said-password-saved = حُفظت كلمة المرور الجديدة.
account-said-address-added = أُرسل رمز للتو. أدخله أدناه.
account-said-address-confirmed = تم التأكيد: سيفيدك هذا العنوان إذا نسيت كلمة المرور.
account-said-address-removed = أُزيل العنوان.
account-said-resent = أُرسل رمز جديد؛ لم يعد الرمز السابق صالحا.
account-said-session-ended = أُغلق الاتصال.
account-said-sessions-ended = أُغلقت كل الاتصالات الأخرى.
account-wrong-page-too-old = بقيت هذه الصفحة مفتوحة مدة طويلة، أو يرفض متصفحك ملفات تعريف الارتباط. ابدأ من جديد.
account-wrong-password-empty = أدخل كلمة المرور.
account-wrong-password-wrong = ليست هذه كلمة مرورك الحالية. تحقق من الأحرف الكبيرة.
account-wrong-directory-down = دليل مؤسستك لا يجيب؛ لم يتغير شيء. أعد المحاولة بعد بضع دقائق.
account-wrong-not-allowed = لا يسمح دليل مؤسستك بهذا التغيير. ليس هذا خطأ منك: أخبر الدعم.
account-wrong-mail-empty = أدخل عنوان بريد إلكتروني.
account-wrong-mail-unfit = ليس هذا عنوان بريد كاملا. اكتب عنوانا واحدا مثل camille@example.org
account-wrong-mobile-empty = أدخل رقم هاتف محمول.
account-wrong-mobile-unfit = ليس هذا رقم هاتف. اكتب رقما واحدا مثل 06 12 34 56 78.
account-wrong-known = هذا العنوان معروف بالفعل.
account-wrong-full = لديك خمسة عناوين بالفعل: أزل واحدا أولا.
account-wrong-too-many-sent = أُرسلت رموز كثيرة. انتظر ساعة قبل طلب رمز آخر.
account-wrong-code-empty = أدخل الرمز المكون من ستة أرقام.
account-wrong-code-wrong = ليس هذا رمز آخر رسالة.
account-wrong-code-worn-out = محاولات كثيرة بهذا الرمز: اطلب رمزا جديدا.
account-wrong-code-dead = لم يعد هذا الرمز صالحا: تغيّر العنوان أو الرمز قديم. اطلب رمزا جديدا.
account-wrong-last-one = لا يمكن إزالة هذا العنوان: إنه آخر عنوان مؤكَّد، أو مقدَّم من مؤسستك.
account-wrong-gone = لم يعد موجودا: غيّره أحد في هذه الأثناء.
account-confirm-ask-title = تأكيد هذا العنوان
account-confirm-done-title = تم تأكيد العنوان
account-confirm-dead-title = لم يعد هذا الرابط صالحا
account-confirm-text = يمكن استخدام العنوان { $mask } لاسترجاع الدخول إلى حسابك.
account-confirm-done = سيفيدك إذا نسيت كلمة المرور.
account-confirm-dead = العنوان مؤكَّد بالفعل، أو تغيّر، أو حلّت رسالة أحدث محل هذا الرابط.
account-undo-ask-title = إلغاء هذا التغيير؟
account-undo-done-title = أُلغي التغيير
account-undo-dead-title = لم يعد هذا الرابط صالحا
account-undo-added = أُضيف عنوان الاسترجاع { $mask } إلى حسابك.
account-undo-removed = أُزيل عنوان الاسترجاع { $mask } من حسابك.
account-undo-text = إن لم تكن أنت من فعل ذلك فألغه: ستُفصل كل الأجهزة المتصلة بهذا الحساب.
account-undo = إلغاء التغيير
account-undone-added = أُزيل العنوان { $mask }.
account-undone-removed = أُعيد العنوان { $mask }.
account-undone-next = ربما كان شخص آخر متصلا بحسابك: اختر كلمة مرور جديدة.
account-undo-dead = أُلغي التغيير بالفعل، أو مرت أكثر من ثلاثة أيام.
