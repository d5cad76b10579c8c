"""French. Formal (vous). The brand never follows "de", which would have to become "d’" before a vowel."""

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
    tag="fr-FR",
    native_name="Français",
    html_language="fr",
    voice="Polly.Lea-Neural",
    language="fr-FR",
    decimal=",",
    purposes=purposes(
        sign_in="pour vous connecter",
        change_billing="pour modifier vos coordonnées de facturation",
        change_shipping_address="pour modifier votre adresse de livraison",
        change_password="pour changer votre mot de passe",
        change_number="pour changer votre numéro de téléphone",
        new_number="pour confirmer votre nouveau numéro de téléphone",
        payment="pour un paiement",
        neutral="que vous avez demandé",
    ),
    call=CallWords(
        announcement="Bonjour, ici {brand} : appel automatique avec le code {purpose}.",
        announcement_again="Ici de nouveau {brand}, avec le code {purpose}.",
        press_keys="Pour l’entendre, tapez ces trois chiffres : {keys}",
        press_again="Pour l’entendre, tapez {keys}",
        press_any_key="Pour entendre le code, appuyez sur n’importe quelle touche.",
        wrong_keys="Ce n’étaient pas les bonnes touches.",
        did_not_ask="Si vous n’avez pas demandé cet appel, tapez {keys}",
        tell_no_one="Ne donnez ce code à personne, pas même à nous.",
        payment="Paiement de {amount} à {payee}",
        code="Votre code est : {code}",
        once_more="Encore une fois : {code}",
        reference="Votre numéro de dossier : {reference}",
        slowly="Plus lentement :",
        character="Chiffre {position} sur {total} :",
        next_character="Pour le suivant, appuyez sur n’importe quelle touche.",
        last_character="C’était le dernier.",
        enter_on_screen="Saisissez le code à l’écran.",
        menu=MenuWords(
            again="Pour réécouter le code, tapez {key}",
            slower="Pour l’entendre plus lentement, tapez {key}",
            one_at_a_time="Pour l’entendre chiffre par chiffre, tapez {key}",
            text="Pour le recevoir par SMS, tapez {key}",
            report="Si vous n’avez pas demandé le code, tapez {key}",
            never="Pour ne plus recevoir ni appels ni SMS de notre part, tapez {key}",
        ),
        text_refused="Nous ne pouvons pas envoyer de SMS pour le moment.",
        confirm_report="Pour confirmer que vous n’avez pas demandé cet appel, appuyez sur étoile.",
        confirm_never="Pour arrêter tous nos appels et SMS vers ce numéro, appuyez sur étoile.",
        confirm_allow=(
            "Nous n’appelons pas ce numéro et n’y envoyons pas de SMS. Pour l’autoriser à nouveau, appuyez sur étoile."
        ),
        typed_announcement="Bonjour, ici {brand} : appel automatique au sujet du code {purpose}.",
        press_keys_first="Tapez d’abord ces chiffres : {keys}",
        type_code="Veuillez taper le code affiché à l’écran.",
        type_incomplete="Le code était incomplet. Veuillez taper le code affiché à l’écran.",
        type_wrong="Ce n’était pas le bon code. Veuillez taper le code affiché à l’écran.",
        did_not_ask_star="Si vous n’avez pas demandé cet appel, appuyez sur la touche étoile.",
        greeting="Bonjour, vous êtes sur la ligne automatique {brand}, qui ne donne des codes que sur demande.",
        greeting_call_back="Pour recevoir un appel au sujet d’un code, tapez {key}",
        greeting_permission="Pour arrêter nos appels ou les autoriser à nouveau, tapez {key}",
        permission_announcement=(
            "Bonjour, ici {brand}, ceci est un appel automatique. Vous avez demandé que nous vous rappelions au "
            "sujet de nos appels."
        ),
        endings=EndingWords(
            goodbye="Merci. Au revoir.",
            nothing_pressed="Vous n’avez appuyé sur aucune touche. Au revoir.",
            wrong_keys="Ce n’étaient pas les bonnes touches, nous mettons donc fin à cet appel. Au revoir.",
            no_longer_needed=(
                "Bonjour, ici {brand} : appel automatique au sujet d’un code qui n’est plus nécessaire. Au revoir."
            ),
            reported="Merci. Le code est annulé. Nous avons noté que vous ne l’avez pas demandé. Au revoir.",
            suppressed=(
                "Nous n’appellerons plus ce numéro et n’y enverrons plus de SMS. Si vous changez d’avis, envoyez "
                "START par SMS au numéro qui vous a appelé, ou appelez-le. Au revoir."
            ),
            lifted="Merci. Nous pouvons de nouveau appeler ce numéro et y envoyer des SMS. Au revoir.",
            text_sent="Nous vous envoyons le code par SMS. Au revoir.",
            machine="Ici {brand}, c’était un appel automatique, vous n’avez rien à faire. Au revoir.",
            sorry=(
                "Ici {brand}, nous sommes désolés, un problème est survenu de notre côté. Veuillez réessayer plus tard."
            ),
            typed_approved="Merci, c’est le bon code. Veuillez continuer à l’écran. Au revoir.",
            typed_wrong=(
                "Ce n’était pas le bon code. Le code affiché à l’écran n’est plus valable. Vous pouvez "
                "recommencer à l’écran. Au revoir."
            ),
            call_back="Si un code est en attente pour ce numéro, nous vous appelons tout de suite. Au revoir.",
            call_back_permission="Veuillez raccrocher. Nous vous rappelons dans un instant. Au revoir.",
        ),
    ),
    # No-break spaces stand before colons and question marks; in texts they are sent as spaces.
    text=TextWords(
        code="{brand}\u00a0: votre code est {code}. Il est valable {minutes} min. Ne le partagez pas.",
        code_under_a_minute="{brand}\u00a0: votre code est {code}. Valable moins d’une minute. Ne le partagez pas.",
        code_for="{brand}\u00a0: le code {purpose} est {code}. Il est valable {minutes} min. Ne le partagez pas.",
        code_for_under_a_minute=(
            "{brand}\u00a0: le code {purpose} est {code}. Valable moins d’une minute. Ne le partagez pas."
        ),
        payment="pour le paiement de {amount} à {payee}",
        help=(
            "{brand} envoie des codes sur demande. Questions\u00a0: {contact}. Envoyez STOP pour arrêter, "
            "START pour reprendre, CALL pour un appel."
        ),
        stopped=(
            "{brand}\u00a0: nous n’appellerons plus ce numéro et n’y enverrons plus de SMS. Pour l’autoriser, "
            "envoyez START."
        ),
        started=(
            "{brand}\u00a0: nous pouvons à nouveau appeler ce numéro et y envoyer des SMS. Pour arrêter, envoyez STOP."
        ),
        call_back="Si un code est en attente pour ce numéro, nous vous appelons tout de suite.",
        reported="Merci. Si un code était en attente pour ce numéro, il n’est plus valable.",
        number_changed=(
            "{brand}\u00a0: le numéro de téléphone de votre compte a été "
            "modifié. Si ce n’est pas vous, contactez-nous sans attendre."
        ),
        other=(
            "{brand}\u00a0: personne ne lit les SMS envoyés à ce numéro. Envoyez HELP pour obtenir de l’aide, "
            "STOP pour tout arrêter."
        ),
    ),
    page=PageWords(
        form=FormWords(
            title="Confirmez votre numéro de téléphone",
            skip="Aller au contenu principal",
            username_label="Nom d’utilisateur",
            phone_label="Numéro de téléphone",
            phone_hint="Avec l’indicatif du pays, par exemple {example}",
            number_ending="Numéro se terminant par {digits}",
            channel_label="Comment souhaitez-vous recevoir le code\u00a0?",
            channel_call="Par téléphone",
            channel_sms="Par SMS",
            channel_whatsapp="Par WhatsApp",
            typed_choice="Par téléphone, et je tape un code sur mon clavier",
            language_label="Langue",
            submit="Demander un code",
            cancel="Annuler",
        ),
        code=CodeWords(
            heading_call="Décrochez votre téléphone",
            heading_text="Consultez votre téléphone",
            heading_code="Saisissez le code à {length} chiffres",
            heading_failed="Réessayons",
            label="Code à {length} chiffres",
            hint="Ne le communiquez à personne.",
            submit="Continuer",
            typed_label="Tapez ce code sur votre téléphone",
            typed_hint="Répondez à notre appel et tapez ce code sur le clavier de votre téléphone.",
            works_until="Ce code est valable jusqu’à {time}",
            minutes_left="Ce code est valable encore {minutes} minutes",
            one_minute_left="Ce code est valable encore une minute",
            under_a_minute_left="Ce code est valable encore moins d’une minute",
            warning="Ce code va bientôt expirer. Vous pouvez en demander un nouveau à tout moment.",
            wrong="Ce code est incorrect",
            wrong_next="Il ne peut plus être utilisé. Nous pouvons vous en envoyer un nouveau.",
            checks_left="Ce code est incorrect. Essais restants\u00a0: {checks}",
            tries_left="Essais restants\u00a0: {checks}",
            latest_counts="Seul le code le plus récent est valable.",
            expired="Le code a expiré",
            canceled="Ce code n’est plus valable",
            begin_again="Demander un nouveau code",
            change="Utiliser un autre numéro",
            change_number="Modifier",
            change_username="Utiliser un autre nom d’utilisateur",
            no_code="Vous n’avez pas reçu le code\u00a0?",
            have_code="J’ai un code",
            call_again="M’appeler à nouveau",
            text_again="Renvoyer le SMS",
            text_instead="Recevoir plutôt un SMS",
            call_instead="Recevoir plutôt un appel",
            whatsapp_again="Renvoyer le message WhatsApp",
            whatsapp_instead="Recevoir plutôt un message WhatsApp",
            resend_seconds="Vous pourrez refaire une demande dans {seconds} secondes.",
            resend_minutes="Vous pourrez refaire une demande dans {minutes} minutes.",
            wait_seconds="Veuillez patienter {seconds} secondes avant de réessayer.",
            wait_minutes="Veuillez patienter {minutes} minutes avant de réessayer.",
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
                "Si ce nom d’utilisateur est enregistré, nous envoyons maintenant un SMS au numéro se terminant par "
                "{digits}."
            ),
            whatsapp_if_known=(
                "Si ce nom d’utilisateur est enregistré, nous envoyons maintenant un message WhatsApp au numéro se "
                "terminant par {digits}."
            ),
            call_queued="L’appel va commencer.",
            call_ringing="Votre téléphone sonne.",
            call_answered="Vous avez décroché. Veuillez appuyer sur les touches indiquées.",
            call_answered_typed="Vous avez décroché. Appuyez sur les touches indiquées, puis tapez le code ci-dessous.",
            call_reading="Nous vous dictons le code.",
            call_heard="Vous avez entendu le code. Veuillez le saisir ici.",
            call_completed="L’appel est terminé.",
            call_busy="La ligne était occupée.",
            call_no_answer="Personne n’a répondu à l’appel.",
            call_failed="L’appel n’a pas abouti.",
            call_machine="Un répondeur ou un automate a répondu\u00a0: nous n’avons donc pas donné le code.",
            call_no_keys=(
                "L’appel s’est terminé avant que nous donnions le code\u00a0: aucune touche n’a été pressée. Était-ce "
                "une messagerie\u00a0?"
            ),
            call_wrong_keys=(
                "L’appel s’est terminé avant que nous donnions le code\u00a0: ce n’étaient pas les bonnes touches."
            ),
            call_not_typed="L’appel s’est terminé avant qu’un code soit tapé. Était-ce une messagerie\u00a0?",
            text_queued="Le SMS va être envoyé.",
            text_sent="Le SMS a été envoyé.",
            text_delivered="Le SMS est arrivé.",
            text_undelivered="Le SMS n’a pas pu être remis.",
            text_landline="Ce téléphone ne peut pas recevoir de SMS.",
            whatsapp_queued="Le message WhatsApp va être envoyé.",
            whatsapp_sent="Le message WhatsApp a été envoyé.",
            whatsapp_delivered="Le message WhatsApp est arrivé.",
            whatsapp_undelivered="Le message WhatsApp n’a pas pu être remis.",
            maybe_ringing="Votre téléphone est peut-être en train de sonner. Veuillez patienter un instant.",
            not_reached="Nous n’avons pas pu joindre ce téléphone",
            try_text="Vous pouvez plutôt essayer par SMS.",
            try_call="Vous pouvez plutôt essayer par téléphone.",
            try_whatsapp="Vous pouvez plutôt essayer par WhatsApp.",
            opted_out=(
                "Nos appels et nos SMS vers ce numéro ont été arrêtés sur demande. Pour les autoriser à nouveau, "
                "envoyez START par SMS depuis ce numéro au {sender}, ou appelez-nous à ce dernier numéro."
            ),
        ),
        errors=ErrorWords(
            title="Erreur\u00a0: {title}",
            heading="Il y a un problème",
            username_missing="Veuillez saisir votre nom d’utilisateur.",
            username_too_long="Un nom d’utilisateur compte au maximum {limit} caractères.",
            username_characters="Utilisez des lettres et des chiffres d’un seul alphabet.",
            phone_missing="Veuillez saisir votre numéro de téléphone.",
            phone_invalid="Saisissez un numéro de téléphone avec l’indicatif du pays, comme {example}",
            phone_country="Nous n’envoyons pas de codes aux numéros de ce pays.",
            phone_countries="Nous ne pouvons joindre que les numéros de ces pays\u00a0: {countries}",
            phone_kind="Nous n’envoyons pas de codes aux numéros de ce type.",
            channel_missing="Veuillez choisir comment recevoir le code.",
            code_missing="Veuillez saisir le code.",
            code_characters="Le code ne contient que des chiffres.",
            code_length="Le code comporte {length} chiffres. Vérifiez-le et réessayez.",
            form_expired="Cette page est restée ouverte trop longtemps. Veuillez réessayer.",
            too_many="Trop de demandes. Veuillez réessayer plus tard.",
            not_found="Page introuvable",
            start_again="Recommencer",
            went_wrong="Un problème est survenu de notre côté. Si vous nous écrivez, indiquez {error_id}.",
        ),
        outcome=OutcomeWords(
            reported_heading="Nous avons annulé ce code",
            reported=(
                "La personne qui a répondu au téléphone nous a dit ne pas avoir demandé ce code. Pour votre sécurité, "
                "nous ne contacterons plus ce numéro pendant {minutes} minutes."
            ),
            suppressed_heading="Nous ne contactons pas ce numéro",
        ),
    ),
)
