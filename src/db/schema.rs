//! The tables, as diesel knows them: the same for both databases. Columns are explained in `migrations/`.
#![expect(missing_docs, reason = "the macros make modules whose names are those of the tables")]

diesel::table! {
    organizations (id) {
        id -> Binary,
        slug -> Text,
        name -> Text,
        created_at -> BigInt,
        logo_key -> Nullable<Text>,
        logo_width -> Nullable<Integer>,
        logo_set_at -> Nullable<BigInt>,
        accent -> Nullable<Text>,
        support -> Nullable<Text>,
    }
}

diesel::table! {
    users (id) {
        id -> Binary,
        email -> Text,
        email_lower -> Text,
        email_verified_at -> Nullable<BigInt>,
        password_hash -> Text,
        created_at -> BigInt,
        pending_email -> Nullable<Text>,
    }
}

diesel::table! {
    memberships (organization_id, user_id) {
        organization_id -> Binary,
        user_id -> Binary,
        role -> Text,
        created_at -> BigInt,
        reminders_stopped_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitations (id) {
        id -> Binary,
        organization_id -> Binary,
        email -> Text,
        email_lower -> Text,
        role -> Text,
        invited_by -> Nullable<Binary>,
        token_hash -> Binary,
        token_sealed -> Nullable<Binary>,
        created_at -> BigInt,
        expires_at -> BigInt,
        accepted_at -> Nullable<BigInt>,
        accepted_by -> Nullable<Binary>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Binary,
        user_id -> Binary,
        organization_id -> Binary,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        user_agent -> Nullable<Text>,
        peer -> Nullable<Text>,
    }
}

diesel::table! {
    password_resets (token_hash) {
        token_hash -> Binary,
        user_id -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        mailed_to -> Nullable<Text>,
    }
}

diesel::table! {
    reset_requests (email_lower) { email_lower -> Text, created_at -> BigInt, }
}

diesel::table! {
    email_confirmations (token_hash) {
        token_hash -> Binary,
        user_id -> Binary,
        email_lower -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sign_in_notices (user_id, about, email) {
        user_id -> Binary,
        about -> Text,
        email -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    two_factors (user_id) {
        user_id -> Binary,
        secret_sealed -> Binary,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
        last_step -> Nullable<BigInt>,
    }
}

diesel::table! {
    recovery_codes (code_hash) {
        code_hash -> Binary,
        user_id -> Binary,
        created_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    second_steps (token_hash) {
        token_hash -> Binary,
        user_id -> Binary,
        organization_id -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
        tries -> Integer,
        told_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    subscriptions (organization_id) {
        organization_id -> Binary,
        state -> Text,
        ends_at -> Nullable<BigInt>,
        updated_at -> BigInt,
        plan -> Nullable<Text>,
        grace_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    stripe_customers (customer_id) {
        customer_id -> Text,
        organization_id -> Nullable<Binary>,
        subscription_id -> Nullable<Text>,
        looks -> BigInt,
        look_again_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    stripe_events (id) {
        id -> Text,
        received_at -> BigInt,
    }
}

diesel::table! {
    accounts (id) {
        id -> Binary,
        organization_id -> Binary,
        instagram_id -> Nullable<Text>,
        app_scoped_id -> Nullable<Text>,
        username -> Text,
        display_name -> Nullable<Text>,
        account_type -> Nullable<Text>,
        token_sealed -> Nullable<Binary>,
        token_issued_at -> Nullable<BigInt>,
        token_expires_at -> Nullable<BigInt>,
        connected_at -> Nullable<BigInt>,
        connected_through -> Nullable<Binary>,
        disconnected_at -> Nullable<BigInt>,
        created_at -> BigInt,
        mistaken_for -> Nullable<Text>,
        died_at -> Nullable<BigInt>,
        death -> Nullable<Text>,
        renewed_at -> Nullable<BigInt>,
        renewal_due_at -> Nullable<BigInt>,
        renewal_trouble -> Nullable<Text>,
        warned_days -> Nullable<Integer>,
        picture_url -> Nullable<Text>,
        picture_path -> Nullable<Text>,
        picture_copied_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    links (id) {
        id -> Binary,
        organization_id -> Binary,
        created_by -> Binary,
        description -> Text,
        token_hash -> Binary,
        token_sealed -> Binary,
        uses -> Integer,
        last_used_at -> Nullable<BigInt>,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        revoked_by -> Nullable<Binary>,
        purpose -> Text,
        account_id -> Nullable<Binary>,
        fulfilled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    attempts (id) {
        id -> Binary,
        link_id -> Binary,
        state_hash -> Binary,
        binding_hash -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
        claimed_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        detail -> Nullable<Text>,
        account_id -> Nullable<Binary>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Binary,
        organization_id -> Nullable<Binary>,
        account_id -> Nullable<Binary>,
        kind -> Text,
        payload -> Text,
        dedup_key -> Text,
        due_at -> BigInt,
        attempt -> Integer,
        failures -> Integer,
        last_error -> Nullable<Text>,
        dead_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    collections (account_id) {
        account_id -> Binary,
        run -> Integer,
        walk -> Nullable<Text>,
        cursor -> Nullable<Text>,
        last_success_at -> Nullable<BigInt>,
        last_full_at -> Nullable<BigInt>,
        due_at -> BigInt,
        trouble -> Nullable<Text>,
        tell -> Nullable<Binary>,
    }
}

diesel::table! {
    posts (id) {
        id -> Binary,
        account_id -> Binary,
        instagram_id -> Text,
        kind -> Text,
        caption -> Nullable<Text>,
        permalink -> Text,
        posted_at -> BigInt,
        picture_url -> Nullable<Text>,
        picture_copied_at -> Nullable<BigInt>,
        met_in_run -> Integer,
        created_at -> BigInt,
        picture_failures -> Integer,
    }
}

diesel::table! {
    deletions (code) {
        code -> Text,
        request_hash -> Binary,
        requested_at -> BigInt,
        completed_at -> BigInt,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Binary,
        organization_id -> Binary,
        at -> BigInt,
        actor -> Text,
        action -> Text,
        subject -> Text,
        detail -> Text,
        sequence -> Nullable<BigInt>,
        hash -> Nullable<Binary>,
        peer -> Nullable<Text>,
    }
}

diesel::table! {
    audit_heads (organization_id) {
        organization_id -> Binary,
        sequence -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    key_checks (key_id) { key_id -> Text, sealed -> Binary, }
}

diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    users,
    memberships,
    invitations,
    sessions,
    password_resets,
    email_confirmations,
    two_factors,
    recovery_codes,
    second_steps,
    subscriptions,
    accounts,
    links,
    attempts,
    audit_events,
    audit_heads,
    jobs,
    collections,
    posts,
);
