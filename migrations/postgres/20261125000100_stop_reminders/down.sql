ALTER TABLE memberships DROP COLUMN reminders_stopped_at;
