DROP TABLE posts;
DROP TABLE collections;
