-- When the member stopped the reminders about the organization's accounts; NULL while they come.
ALTER TABLE memberships ADD COLUMN reminders_stopped_at BIGINT;
