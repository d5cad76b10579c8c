"""French as in Canada. Formal (vous). A text is a "texto", a voicemail a "boîte vocale".

A no-break space stands before a colon, and nothing before a question mark. As in fr-FR, the brand never follows "de",
which would have to become "d’" before a vowel. The law of Québec gives people the right to be served in French: an
operator there sets SAYCODE_LANGUAGE to fr-CA, and no number says which language a Canadian speaks.
"""

from ..sentences import (
    CallWords,
    CodeWords,
    EndingWords,
    ErrorWords,
    FormWords,
    MenuWords,
    OutcomeWords,
    PageWords,
    ProgressWords,
    TextWords,
)
from ..words import Words, purposes

WORDS = Words(
    tag="fr-CA",
    native_name="Français (Canada)",
    html_language="fr-CA",
    voice="Polly.Gabrielle-Neural",
    language="fr-CA",
    decimal=",",
    purposes=purposes(
        sign_in="pour vous connecter",
        change_billing="pour modifier vos renseignements de facturation",
        change_shipping_address="pour modifier votre adresse de livraison",
        change_password="pour changer votre mot de passe",
        change_number="pour changer votre numéro de téléphone",
        new_number="pour confirmer votre nouveau numéro de téléphone",
        payment="pour un paiement",
        neutral="que vous avez demandé",
    ),
    call=CallWords(
        announcement="Bonjour, ici {brand} : appel automatisé avec le code {purpose}.",
        announcement_again="Ici {brand} de nouveau, avec le code {purpose}.",
        press_keys="Pour l’entendre, composez ces trois chiffres : {keys}",
        press_again="Pour l’entendre, composez {keys}",
        press_any_key="Pour entendre le code, appuyez sur n’importe quelle touche.",
        wrong_keys="Ce n’étaient pas les bonnes touches.",
        did_not_ask="Si vous n’avez pas demandé cet appel, composez {keys}",
        tell_no_one="Ne donnez ce code à personne, pas même à nous.",
        payment="Paiement de {amount} à {payee}",
        code="Votre code est : {code}",
        once_more="Encore une fois : {code}",
        reference="Votre numéro de dossier : {reference}",
        slowly="Le voici plus lentement :",
        character="Chiffre {position} sur {total} :",
        next_character="Pour le suivant, appuyez sur n’importe quelle touche.",
        last_character="C’était le dernier.",
        enter_on_screen="Entrez le code à l’écran.",
        menu=MenuWords(
            again="Pour réentendre le code, faites le {key}",
            slower="Pour l’entendre plus lentement, faites le {key}",
            one_at_a_time="Pour l’entendre un chiffre à la fois, faites le {key}",
            text="Pour le recevoir par texto, faites le {key}",
            report="Si vous n’avez pas demandé le code, faites le {key}",
            never="Pour ne plus recevoir ni appels ni textos de notre part, faites le {key}",
        ),
        text_refused="Nous ne pouvons malheureusement pas envoyer de texto pour le moment.",
        confirm_report="Pour confirmer que vous n’avez pas demandé cet appel, appuyez sur l’étoile.",
        confirm_never="Pour arrêter tous nos appels et textos à ce numéro, appuyez sur l’étoile.",
        confirm_allow=(
            "Nous n’appelons pas ce numéro et n’y envoyons pas de textos. Pour l’autoriser de nouveau, appuyez sur "
            "l’étoile."
        ),
        typed_announcement="Bonjour, ici {brand} : appel automatisé au sujet du code {purpose}.",
        press_keys_first="Composez d’abord ces chiffres : {keys}",
        type_code="Veuillez entrer le code affiché à l’écran.",
        type_incomplete="Il manquait des chiffres. Veuillez entrer le code affiché à l’écran.",
        type_wrong="Ce n’était pas le bon code. Veuillez entrer le code affiché à l’écran.",
        did_not_ask_star="Si vous n’avez pas demandé cet appel, appuyez sur l’étoile.",
        greeting="Bonjour, ici la ligne automatisée {brand}. Nous appelons seulement les gens qui demandent un code.",
        greeting_call_back="Si vous attendez un code et voulez qu’on vous rappelle, faites le {key}",
        greeting_permission="Pour arrêter nos appels ou les autoriser de nouveau, faites le {key}",
        permission_announcement=(
            "Bonjour, ici {brand} : appel automatisé. Vous nous avez demandé de vous rappeler au sujet de nos appels."
        ),
        endings=EndingWords(
            goodbye="Merci. Au revoir.",
            nothing_pressed="Vous n’avez appuyé sur aucune touche. Au revoir.",
            wrong_keys="Ce n’étaient pas les bonnes touches, nous mettons donc fin à l’appel. Au revoir.",
            no_longer_needed=(
                "Bonjour, ici {brand} : appel automatisé au sujet d’un code qui n’est plus nécessaire. Au revoir."
            ),
            reported="Merci. Le code est annulé. Nous avons noté que vous ne l’avez pas demandé. Au revoir.",
            suppressed=(
                "Nous n’appellerons plus ce numéro et n’y enverrons plus de textos. Si vous changez d’idée, textez "
                "START au numéro qui vous a appelé, ou appelez-le. Au revoir."
            ),
            lifted="Merci. Nous pouvons de nouveau appeler ce numéro et y envoyer des textos. Au revoir.",
            text_sent="Nous vous envoyons le code par texto. Au revoir.",
            machine="Ici {brand}, c’était un appel automatisé, vous n’avez rien à faire. Au revoir.",
            sorry=(
                "Ici {brand}. Nous sommes désolés, un problème est survenu de notre côté. Veuillez réessayer plus tard."
            ),
            typed_approved="Merci, c’est le bon code. Veuillez continuer à l’écran. Au revoir.",
            typed_wrong=(
                "Ce n’était pas le bon code. Le code affiché à l’écran n’est plus valide. Vous pouvez "
                "recommencer à l’écran. Au revoir."
            ),
            call_back="Si un code est en attente pour ce numéro, nous vous appelons tout de suite. Au revoir.",
            call_back_permission="Veuillez raccrocher. Nous vous rappelons dans un instant. Au revoir.",
        ),
    ),
    text=TextWords(
        code="{brand}\u00a0: votre code est {code}. Il expire dans {minutes} min. Gardez-le secret.",
        code_under_a_minute="{brand}\u00a0: votre code est {code}. Valide moins d’une minute. Gardez-le secret.",
        code_for="{brand}\u00a0: le code {purpose} est {code}. Il expire dans {minutes} min. Gardez-le secret.",
        code_for_under_a_minute=(
            "{brand}\u00a0: le code {purpose} est {code}. Valide moins d’une minute. Gardez-le secret."
        ),
        payment="pour le paiement de {amount} à {payee}",
        help=(
            "{brand} envoie des codes sur demande. Aide\u00a0: {contact}. Textez STOP pour arrêter, "
            "START pour reprendre, CALL pour un appel."
        ),
        stopped=(
            "{brand}\u00a0: vous ne recevrez plus ni appels ni textos de notre part. Pour en recevoir de nouveau, "
            "textez START."
        ),
        started=(
            "{brand}\u00a0: vous recevrez de nouveau nos appels et textos quand vous demanderez un code. Pour "
            "arrêter, textez STOP."
        ),
        call_back="Si un code est en attente pour ce numéro, nous vous appelons tout de suite.",
        reported="Merci. Si un code était en attente pour ce numéro, il n’est plus valide.",
        number_changed=(
            "{brand}\u00a0: le numéro de téléphone de votre compte a été changé. Si ce n’était pas vous, "
            "contactez-nous sans tarder."
        ),
        other=(
            "{brand}\u00a0: personne ne lit les textos envoyés à ce numéro. Textez HELP pour obtenir de l’aide "
            "ou STOP pour tout arrêter."
        ),
    ),
    page=PageWords(
        form=FormWords(
            title="Confirmez votre numéro de téléphone",
            skip="Passer au contenu principal",
            username_label="Nom d’utilisateur",
            phone_label="Numéro de téléphone",
            phone_hint="Avec l’indicatif de pays, par exemple {example}",
            number_ending="Numéro se terminant par {digits}",
            channel_label="Comment voulez-vous recevoir le code?",
            channel_call="Par téléphone",
            channel_sms="Par texto",
            channel_whatsapp="Par WhatsApp",
            typed_choice="Par téléphone, et j’entre un code sur mon clavier",
            language_label="Langue",
            submit="Obtenir un code",
            cancel="Annuler",
        ),
        code=CodeWords(
            heading_call="Répondez au téléphone",
            heading_text="Consultez votre téléphone",
            heading_code="Entrez le code à {length} chiffres",
            heading_failed="Essayons de nouveau",
            label="Code à {length} chiffres",
            hint="Ne le donnez à personne.",
            submit="Continuer",
            typed_label="Entrez ce code sur votre téléphone",
            typed_hint="Répondez à notre appel et entrez ce code sur le clavier de votre téléphone.",
            works_until="Ce code est valide jusqu’à {time}",
            minutes_left="Ce code est valide encore {minutes} minutes",
            one_minute_left="Ce code est valide encore une minute",
            under_a_minute_left="Ce code est valide encore moins d’une minute",
            warning="Ce code expirera bientôt. Vous pouvez en demander un nouveau en tout temps.",
            wrong="Ce code est incorrect",
            wrong_next="Il ne peut plus être utilisé. Nous pouvons vous en envoyer un nouveau.",
            checks_left="Ce code est incorrect. Tentatives restantes\u00a0: {checks}",
            tries_left="Tentatives restantes\u00a0: {checks}",
            latest_counts="Seul le code le plus récent est valide.",
            expired="Le code est expiré",
            canceled="Ce code n’est plus valide",
            begin_again="Obtenir un nouveau code",
            change="Utiliser un autre numéro",
            change_number="Modifier",
            change_username="Utiliser un autre nom d’utilisateur",
            no_code="Vous n’avez pas reçu le code?",
            have_code="J’ai un code",
            call_again="M’appeler de nouveau",
            text_again="Envoyer le texto de nouveau",
            text_instead="Recevoir plutôt un texto",
            call_instead="Recevoir plutôt un appel",
            whatsapp_again="Envoyer le message WhatsApp de nouveau",
            whatsapp_instead="Recevoir plutôt un message WhatsApp",
            resend_seconds="Vous pourrez faire une nouvelle demande dans {seconds} secondes.",
            resend_minutes="Vous pourrez faire une nouvelle demande dans {minutes} minutes.",
            wait_seconds="Veuillez attendre {seconds} secondes avant de réessayer.",
            wait_minutes="Veuillez attendre {minutes} minutes avant de réessayer.",
            refresh="Actualiser cette page",
            reference="Numéro de dossier : {reference}",
            welcome="Bienvenue, {username}",
            welcome_next="Votre téléphone est confirmé.",
            welcome_onward="Continuer",
            welcome_close="Vous pouvez fermer cette page.",
            another="Confirmer un autre numéro",
        ),
        progress=ProgressWords(
            calling_if_known=(
                "Si ce nom d’utilisateur est enregistré, nous appelons maintenant le numéro se terminant par {digits}."
            ),
            texting_if_known=(
                "Si ce nom d’utilisateur est enregistré, nous envoyons maintenant un texto au numéro se terminant par "
                "{digits}."
            ),
            whatsapp_if_known=(
                "Si ce nom d’utilisateur est enregistré, nous envoyons maintenant un message WhatsApp au numéro se "
                "terminant par {digits}."
            ),
            call_queued="L’appel est sur le point de commencer.",
            call_ringing="Votre téléphone sonne.",
            call_answered="Vous avez répondu. Veuillez appuyer sur les touches demandées.",
            call_answered_typed="Vous avez répondu. Appuyez sur les touches demandées, puis entrez le code ci-dessous.",
            call_reading="Nous vous dictons le code.",
            call_heard="Vous avez entendu le code. Veuillez l’entrer ici.",
            call_completed="L’appel est terminé.",
            call_busy="La ligne était occupée.",
            call_no_answer="Personne n’a répondu à l’appel.",
            call_failed="L’appel n’a pas pu être établi.",
            call_machine="Une boîte vocale ou un système automatisé a répondu, nous n’avons donc pas donné le code.",
            call_no_keys=(
                "L’appel a pris fin avant que nous donnions le code\u00a0: aucune touche n’a été enfoncée. Était-ce "
                "une boîte vocale?"
            ),
            call_wrong_keys=(
                "L’appel a pris fin avant que nous donnions le code\u00a0: ce n’étaient pas les bonnes touches."
            ),
            call_not_typed="L’appel a pris fin avant qu’un code soit entré. Était-ce une boîte vocale?",
            text_queued="Le texto est sur le point d’être envoyé.",
            text_sent="Le texto a été envoyé.",
            text_delivered="Le texto est arrivé.",
            text_undelivered="Le texto n’a pas pu être livré.",
            text_landline="Ce téléphone ne peut pas recevoir de textos.",
            whatsapp_queued="Le message WhatsApp est sur le point d’être envoyé.",
            whatsapp_sent="Le message WhatsApp a été envoyé.",
            whatsapp_delivered="Le message WhatsApp est arrivé.",
            whatsapp_undelivered="Le message WhatsApp n’a pas pu être livré.",
            maybe_ringing="Votre téléphone est peut-être en train de sonner. Veuillez patienter un instant.",
            not_reached="Nous n’avons pas pu joindre ce téléphone",
            try_text="Vous pouvez plutôt essayer par texto.",
            try_call="Vous pouvez plutôt essayer par téléphone.",
            try_whatsapp="Vous pouvez plutôt essayer par WhatsApp.",
            opted_out=(
                "Nos appels et nos textos à ce numéro ont été arrêtés sur demande. Pour les autoriser de nouveau, "
                "textez START au {sender} à partir de ce téléphone, ou appelez-nous à ce dernier numéro."
            ),
        ),
        errors=ErrorWords(
            title="Erreur\u00a0: {title}",
            heading="Il y a un problème",
            username_missing="Veuillez entrer votre nom d’utilisateur.",
            username_too_long="Le nom d’utilisateur compte au maximum {limit} caractères.",
            username_characters="Utilisez les lettres d’un seul alphabet et des chiffres.",
            phone_missing="Veuillez entrer votre numéro de téléphone.",
            phone_invalid="Entrez un numéro de téléphone avec l’indicatif de pays, comme {example}",
            phone_country="Nous n’envoyons pas de codes aux numéros de ce pays.",
            phone_countries="Nous pouvons joindre seulement les numéros de ces pays\u00a0: {countries}",
            phone_kind="Nous n’envoyons pas de codes aux numéros de ce type.",
            channel_missing="Veuillez choisir comment recevoir le code.",
            code_missing="Veuillez entrer le code.",
            code_characters="Le code ne contient que des chiffres.",
            code_length="Le code compte {length} chiffres. Vérifiez-le et réessayez.",
            form_expired="Cette page est restée ouverte trop longtemps. Veuillez réessayer.",
            too_many="Trop de demandes. Veuillez réessayer plus tard.",
            not_found="Page introuvable",
            start_again="Recommencer",
            went_wrong="Un problème est survenu de notre côté. Si vous nous écrivez, mentionnez {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Nous avons annulé ce code",
            reported=(
                "La personne qui a répondu au téléphone nous a dit ne pas avoir demandé ce code. Pour votre sécurité, "
                "nous ne contacterons pas ce numéro pendant {minutes} minutes."
            ),
            suppressed_heading="Nous ne contactons pas ce numéro",
        ),
    ),
)
