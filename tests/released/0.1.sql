-- {"cookies": {"__Host-saycode": "5cc3a6551605a0b4e9c3334f5eb5554c404973daf0b1a58655fa29c0ba3d47b0"}, "code": "012319", "delivery": "VLb2a7c750c2fc773eb28a64c3f8b95ae9", "call_sid": "CA2", "heard": "961864", "cookies_of_the_call": {"__Host-saycode": "782f44d2087f7122ee71274d743700e7dd3f3949d5f40df6d24535d5ef81c5d8"}}
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'saycode','make_verifications','2026-11-24 14:10:21.188574+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'saycode','make_deliveries','2026-11-24 14:10:21.188861+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'saycode','make_events','2026-11-24 14:10:21.189038+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'saycode','make_sessions','2026-11-24 14:10:21.189192+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'saycode','make_suppressions','2026-11-24 14:10:21.189322+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'saycode','make_pauses','2026-11-24 14:10:21.189449+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'saycode','make_sends','2026-11-24 14:10:21.189578+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'saycode','make_data_key','2026-11-24 14:10:21.189872+00:00');
CREATE TABLE data_key (id INTEGER PRIMARY KEY CHECK (id = 1), key_id TEXT NOT NULL, wrapped BLOB NOT NULL);
INSERT INTO "data_key" VALUES(1,'381e48f7',X'D7A1F83247D8064AA471FB3FC0A6AA8DC4E594B611E47B6D8A4349D2A10D8ACF575B451CB6AE9CD70C591DF0EEF1AA612BEFE97C5C20D34A774150F6');
CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY,
            sid TEXT NOT NULL UNIQUE,
            verification_id INTEGER NOT NULL REFERENCES verifications (id) ON DELETE CASCADE,
            number_hash BLOB NOT NULL,
            channel TEXT NOT NULL,
            status TEXT NOT NULL,
            live INTEGER NOT NULL,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            carrier_sid TEXT,
            error INTEGER,
            stage TEXT NOT NULL,
            progress INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            silences INTEGER NOT NULL,
            position INTEGER NOT NULL,
            keys TEXT NOT NULL,
            machine INTEGER NOT NULL
        );
INSERT INTO "deliveries" VALUES(1,'VL1a717d2b3f13e89944c36743dca77793',1,X'9561C3899C515F5BDF7FE230620A4A28','sms','queued',1,1800000000.0,1800000000.0,'SM1',NULL,'gate',0,0,0,0,'',0);
INSERT INTO "deliveries" VALUES(2,'VLb2a7c750c2fc773eb28a64c3f8b95ae9',2,X'6F342D2FBB2C649FDF97D5D9A2451FB9','call','queued',1,1800000000.0,1800000000.0,'CA2',NULL,'reading',3,0,0,0,'',0);
CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            verification_id INTEGER REFERENCES verifications (id) ON DELETE CASCADE,
            delivery TEXT NOT NULL,
            kind TEXT NOT NULL,
            at REAL NOT NULL,
            detail TEXT NOT NULL
        );
INSERT INTO "events" VALUES(1,1,'','started',1800000000.0,'sign-in');
INSERT INTO "events" VALUES(2,1,'VL1a717d2b3f13e89944c36743dca77793','delivery',1800000000.0,'sms planned');
INSERT INTO "events" VALUES(3,1,'VL1a717d2b3f13e89944c36743dca77793','delivery',1800000000.0,'sms queued');
INSERT INTO "events" VALUES(4,2,'','started',1800000000.0,'sign-in');
INSERT INTO "events" VALUES(5,2,'VLb2a7c750c2fc773eb28a64c3f8b95ae9','delivery',1800000000.0,'call planned');
INSERT INTO "events" VALUES(6,2,'VLb2a7c750c2fc773eb28a64c3f8b95ae9','delivery',1800000000.0,'call queued');
INSERT INTO "events" VALUES(7,NULL,'','suppressed',1800000000.0,'•••• 03');
CREATE TABLE pauses (number_hash BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE sends (
            counted_hash BLOB NOT NULL,
            n INTEGER NOT NULL,
            at REAL NOT NULL,
            PRIMARY KEY (counted_hash, n)
        ) WITHOUT ROWID
        ;
CREATE TABLE sessions (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            verification TEXT NOT NULL,
            channel TEXT NOT NULL,
            expires_at REAL NOT NULL,
            approved INTEGER NOT NULL,
            replaced_at REAL,
            answer BLOB
        );
INSERT INTO "sessions" VALUES(1,'67f5c6c37240accecaab107439a2a5f102d1daeb2e1d9f1a15c908d092a90b38','VE545b97492c92b2df5f308b19bd5b280c','sms',1800001800.0,0,NULL,NULL);
INSERT INTO "sessions" VALUES(2,'ca942a700c73bb4a1755bd54f3882bb4ff80a04d1e699886ee9a93b77647fd83','VE19c887f5fd5e8735d449ba088e83510f','call',1800001800.0,0,NULL,NULL);
CREATE TABLE suppressions (number_hash BLOB PRIMARY KEY) WITHOUT ROWID;
INSERT INTO "suppressions" VALUES(X'872E78ED61C09208496CD5CDDE4E5A1A');
CREATE TABLE verifications (
            id INTEGER PRIMARY KEY,
            sid TEXT NOT NULL UNIQUE,
            service TEXT NOT NULL,
            account_hash BLOB NOT NULL,
            number_hash BLOB NOT NULL,
            person BLOB NOT NULL,
            action TEXT NOT NULL,
            language TEXT NOT NULL,
            status TEXT NOT NULL,
            seed BLOB,
            key_id TEXT NOT NULL,
            code_length INTEGER NOT NULL,
            max_checks INTEGER NOT NULL,
            checks INTEGER NOT NULL,
            style TEXT NOT NULL,
            created_at REAL NOT NULL,
            expires_at REAL NOT NULL,
            ended_at REAL
        );
INSERT INTO "verifications" VALUES(1,'VE545b97492c92b2df5f308b19bd5b280c','VA00000000000000000000000000000000',X'15E699FF46CEAF733C2AC1999E28A19B',X'9561C3899C515F5BDF7FE230620A4A28',X'956E4EED6AC3516B2B1B88F9FFE874A9E5441798A8F4941A82F71CF3FEE6EBCBDF36AAC23CDF025E68DD59B6C3853176FDB31D3966E628F9736510258EC9','sign-in','en-US','pending',X'DCBCBAA9A7FE7A87D60BF64C2691B57A','381e48f7',6,1,0,'say',1800000000.0,1800000300.0,NULL);
INSERT INTO "verifications" VALUES(2,'VE19c887f5fd5e8735d449ba088e83510f','VA00000000000000000000000000000000',X'B6A1BFD2D0DAE5E47D273FC8B0EC07DA',X'6F342D2FBB2C649FDF97D5D9A2451FB9',X'EFD9FFA58F24255EFA3765869D4A6CC3889AD2F157296A54A2D9B7F8FF952CE937DC00B78326A19E80F92A849C29FCA3B9F74E111F66FB2C51445400BC85','sign-in','en-US','pending',X'60FC7A890E55B4711F3E38A9EE978767','381e48f7',6,1,0,'say',1800000000.0,1800000300.0,NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX pending_accounts ON verifications (account_hash, action) WHERE status = 'pending';
CREATE INDEX pending_numbers ON verifications (number_hash) WHERE status = 'pending';
CREATE INDEX pending_deadlines ON verifications (expires_at) WHERE status = 'pending';
CREATE INDEX deliveries_of_verification ON deliveries (verification_id);
CREATE INDEX live_calls ON deliveries (number_hash) WHERE live = 1 AND channel = 'call';
CREATE INDEX live_deliveries ON deliveries (updated_at) WHERE live = 1;
CREATE INDEX events_of_verification ON events (verification_id);
COMMIT;
