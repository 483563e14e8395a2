DROP INDEX sessions_by_organization;
DROP TABLE invitations;
