"""What a person takes along: a line for each table that is not in wallet.vault.staying (docs/vault.md)."""

from typing import Final

from sqlalchemy import exists

import consent.contact.tables as contact
import consent.moving.tables as moving
import consent.rights.tables as by_right
import consent.tables as engine
import consent.terms.tables as terms
import vendor_api.reviews.tables as reviewed
import wallet.appointments.tables as called
import wallet.channels.tables as channels
import wallet.data.tables as data
import wallet.deposits.tables as handed
import wallet.dialogue.tables as dialogue
import wallet.feeds.tables as feeds
import wallet.figures.tables as counting
import wallet.intents.tables as looked_for
import wallet.people.recovery.tables as recovery
import wallet.people.tables as people
import wallet.personas.tables as kept_for
import wallet.records.tables as records
import wallet.triggers.tables as watched
from keys.persons import EVERY_PERSONA, ITSELF
from wallet.deposits.engine import BEGINNING, SUBJECT
from wallet.people.recovery.engine import NAMES
from wallet.vault.declaring import BYTES, PACKED, WHOEVERS, Portable, Sealed

PERSONA: Final = ("{persona_id}", ITSELF)
VALUE: Final = ("{persona_id}", "{attribute}")
VERSION: Final = ("{person_id}", "{persona_id}", "{attribute}", "{version}")
BLOCK: Final = ("record_block", "{person_id}", "{data_set_id}", "{block_id}", "{version}")
DEPOSIT: Final = f"{SUBJECT}{{deposit_id:.{BEGINNING}}}"  # the beginning of the id
THREAD: Final = ("{persona_id}", "threads/{thread_id}")
INTENT: Final = ("{persona_id}", "intents/{intent_id}")
TRIGGER: Final = ("{persona_id}", "triggers/{trigger_id}")
POLICY: Final = ("contact_policies", "{person_id}", "{persona_id}", "{client_id}", "{topic}")
DONE: Final = exists().where(
    records.record_imports.c.person_id == records.record_blocks.c.person_id,
    records.record_imports.c.import_id == records.record_blocks.c.import_id,
    records.record_imports.c.state == "done",
)

PORTABLE: Final = (
    Portable(
        people.people,
        "Who this is. The password is a hash (Argon2); the key that stamps the ledger comes from ledger_root.",
        sealed=(
            Sealed("login_sealed", "login", ("people", "{person_id}", "login")),
            Sealed("ledger_root_sealed", "ledger_root", ("people", "{person_id}", "ledger_root"), holds=BYTES),
        ),
        without=("login_digest",),
    ),
    Portable(
        people.personas,
        "The faces you show. All keys of a persona's relationships come from its root.",
        sealed=(
            Sealed("name_sealed", "name", ("personas", "{person_id}", "{persona_id}", "name"), PERSONA),
            Sealed("root_sealed", "root", ("personas", "{person_id}", "{persona_id}", "root"), PERSONA, BYTES),
        ),
    ),
    Portable(
        data.attribute_values,
        "Every value you have written down, also earlier ones, as JSON. The current one has no replaced_at. What is "
        "locked stays so: base64url of what your lock key opens.",
        sealed=(
            Sealed("value_sealed", "value", ("value", *VERSION), VALUE, raw_if="locked"),
            Sealed("origin_sealed", "origin", ("origin", *VERSION), VALUE),
        ),
    ),
    Portable(data.inherited_values, "Values that one persona takes from another; now, where there is no replaced_at."),
    Portable(
        data.custom_attributes,
        "The attributes you thought of yourself: kind and label, as JSON.",
        sealed=(
            Sealed(
                "definition_sealed",
                "definition",
                ("custom_attributes", "{person_id}", "{name}"),
                (EVERY_PERSONA, "{name}"),
            ),
        ),
    ),
    Portable(
        people.persona_pictures,
        "The picture of a persona, PNG or JPEG.",
        sealed=(
            Sealed("picture_sealed", "picture", ("persona_pictures", "{person_id}", "{persona_id}"), PERSONA, BYTES),
        ),
    ),
    Portable(
        channels.channel_addresses,
        "Where a persona is reached, by kind of channel, as JSON. Another wallet asks for a code again.",
        sealed=(
            Sealed(
                "address_sealed",
                "address",
                ("channel_addresses", "{person_id}", "{address_id}"),
                ("{persona_id}", "channels/{address_id}"),
            ),
        ),
        without=("token_digest", "verified_at"),
        rows=channels.channel_addresses.c.kind.not_in(("feed", "web_push")),  # they lead to this host
    ),
    Portable(people.preferences, "What a persona prefers."),
    Portable(kept_for.vendor_personas, "Which persona answers what this vendor asks anew."),
    Portable(
        records.data_sets,
        "Your data sets: name, columns, which of them says when and in which time zone, as JSON.",
        sealed=(
            Sealed(
                "about_sealed",
                "about",
                ("data_set", "{person_id}", "{data_set_id}", "{version}"),
                ("{persona_id}", "records/{data_set_id}"),
            ),
        ),
    ),
    Portable(
        records.record_imports,
        "The files whose rows came into a data set, as JSON: how they were read and what was done.",
        sealed=(
            Sealed(
                "about_sealed",
                "about",
                ("record_import", "{person_id}", "{import_id}"),
                ("{persona_id}", "records/{import_id}"),
            ),
        ),
        rows=records.record_imports.c.state == "done",
    ),
    Portable(
        records.record_blocks,
        "Rows of data sets as JSON, up to a thousand together; null is one that was deleted. Of the part `replaced`: "
        "rows that gave way to this import's, each with the import it came from behind it.",
        sealed=(Sealed("rows_sealed", "rows", (*BLOCK, "rows"), (WHOEVERS, "records/{data_set_id}"), PACKED),),
        without=("summary_sealed", "digests_sealed"),
        rows=DONE,
    ),
    Portable(
        handed.deposits,
        "What vendors handed back, as JSON, with the document that they signed.",
        sealed=(
            Sealed(
                "document_sealed",
                "content",
                ("deposits", "{person_id}", "{persona_id}", "{deposit_id}"),
                ("{persona_id}", DEPOSIT),
            ),
        ),
    ),
    Portable(
        watched.triggers,
        "The conditions at which you have a vendor told something, as JSON.",
        sealed=(Sealed("content_sealed", "content", ("trigger", "{person_id}", "{trigger_id}", "{version}"), TRIGGER),),
    ),
    Portable(
        watched.firings,
        "When these conditions held, and what the vendor was told, as JSON.",
        sealed=(Sealed("said_sealed", "said", ("firing", "{person_id}", "{trigger_id}", "{period}"), TRIGGER),),
    ),
    Portable(
        reviewed.reviews,
        "What you said of vendors, as JSON: the signed review with its proof. Another wallet shows it once you say so.",
        sealed=(
            Sealed(
                "content_sealed",
                "content",
                ("review", "{person_id}", "{review_id}", "{version}"),
                ("{persona_id}", "reviews/{review_id}"),
            ),
        ),
        without=("number",),
    ),
    Portable(
        looked_for.intents,
        "What you looked for, and what left your wallet with it, as JSON.",
        sealed=(Sealed("content_sealed", "content", ("intent", "{person_id}", "{intent_id}", "{version}"), INTENT),),
    ),
    Portable(
        looked_for.intent_offers,
        "Whom that was sent to, and what they offered, as JSON.",
        sealed=(
            Sealed(
                "offer_sealed",
                "offer",
                ("intent_offer", "{person_id}", "{intent_id}", "{client_id}", "{version}"),
                INTENT,
            ),
        ),
    ),
    Portable(handed.trusted_depositors, "The vendors whose deposits are kept without asking."),
    Portable(
        dialogue.threads,
        "What you and vendors say to each other, matter by matter.",
        sealed=(Sealed("about_sealed", "about", ("threads", "{person_id}", "{thread_id}"), THREAD),),
    ),
    Portable(
        dialogue.messages,
        "What was said, as JSON; `digest` is the same at the vendor.",
        sealed=(
            Sealed("content_sealed", "content", ("messages", "{person_id}", "{thread_id}", "{message_id}"), THREAD),
        ),
    ),
    Portable(dialogue.erased_messages, "Digests of what vendors said in conversations you erased: none comes again."),
    Portable(
        dialogue.feedback,
        "How far it has come what you told vendors, as JSON: who answers, why it weighs what it does, what was done.",
        sealed=(Sealed("details_sealed", "details", ("feedback", "{person_id}", "{thread_id}"), THREAD),),
    ),
    Portable(
        called.appointments,
        "Calls that vendors asked for, as JSON: when, about what, and what became of it.",
        sealed=(Sealed("content_sealed", "content", ("appointments", "{person_id}", "{appointment_id}"), THREAD),),
    ),
    Portable(
        dialogue.attachments,
        "What came along with messages.",
        sealed=(
            Sealed(
                "content_sealed", "content", ("attachments", "{person_id}", "{message_id}", "{number}"), THREAD, BYTES
            ),
        ),
    ),
    Portable(feeds.followed_topics, "Topics of vendors that you read as a feed."),
    Portable(counting.contributors, "Which personas of yours contribute to statistics."),
    Portable(
        recovery.ways_back,
        "The kit on paper and the shares go on letting you in; here is what checks them, and the names of who has one.",
        sealed=(Sealed("names_sealed", "names", ("ways_back", "{person_id}", "names"), (EVERY_PERSONA, NAMES)),),
    ),
    Portable(people.lock_keys, "The key of what you locked, wrapped by your password, by the kit and by the shares."),
    Portable(
        engine.relationships, "A persona and a vendor; sub and did follow from the persona's root and the sector."
    ),
    Portable(engine.grants, "What you allowed, with the consent token that says so."),
    Portable(engine.rules, "What you said once for all."),
    Portable(
        contact.contact_policies,
        "How vendors may speak to you, as JSON, and the same signed.",
        sealed=(
            Sealed("policy_sealed", "policy", (*POLICY, "policy"), PERSONA),
            Sealed("document_sealed", "document", (*POLICY, "document"), PERSONA),
        ),
    ),
    Portable(contact.contacts, 'When vendors spoke to you, which is what "at most twice a month" counts.'),
    Portable(contact.openings, "Occasions you made on which a vendor may speak to you."),
    Portable(engine.uses, "How often a value was read, in the span of time that its limit counts in."),
    Portable(engine.failures, "What vendors tried in vain in the last hour, before it becomes a line of the ledger."),
    Portable(engine.receipts, "Each grant, each change of it and its end, signed."),
    Portable(engine.stamps, "How far the ledger had come, day by day, signed."),
    Portable(
        engine.ledger,
        "Everything that happened, each line chained to the one before.",
        rows=engine.ledger.c.seq > 0,  # the cover is vouched for by a key of the host
    ),
    Portable(
        engine.statuses,
        "Where the status of each consent token stands. Another host gives places of its own.",
        hashed=False,
    ),
    Portable(terms.standing_terms, "The agreements you want of each kind of vendor."),
    Portable(terms.negotiations, "Each round about your terms, also those that failed."),
    Portable(terms.agreements, "Agreements that were made, signed."),
    Portable(by_right.rights, "What you asked of vendors by right, signed."),
    Portable(
        by_right.rights_answers,
        "What vendors answered to that, as JSON.",
        sealed=(Sealed("answer_sealed", "answer", ("rights_answers", "{person_id}", "{request_id}", "{number}")),),
    ),
    Portable(moving.former_homes, "The addresses at which this wallet was before."),
)

BY_NAME: Final = {one.name: one for one in sorted(PORTABLE, key=lambda one: one.name)}
