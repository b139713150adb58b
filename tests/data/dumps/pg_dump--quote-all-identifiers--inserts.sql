--
-- PostgreSQL database dump
--

\restrict DH1PA5cDd871MEvPs094lRmusmKSWHmy0GSDCbOAmtvqMtsJ9HE7XnCXQ7whA3c

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: SCHEMA "public"; Type: COMMENT; Schema: -; Owner: pg_database_owner
--

COMMENT ON SCHEMA "public" IS 'standard public schema';


SET default_tablespace = '';

SET default_table_access_method = "heap";

--
-- Name: config; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE "public"."config" (
    "parameter" character varying(255) NOT NULL,
    "value" character varying(255)
);


ALTER TABLE "public"."config" OWNER TO "postgres";

--
-- Name: connect; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE "public"."connect" (
    "sender_name" character varying(64) NOT NULL,
    "sender_domain" character varying(255) NOT NULL,
    "src" character varying(39) NOT NULL,
    "rcpt" character varying(255) NOT NULL,
    "first_seen" timestamp without time zone NOT NULL
);


ALTER TABLE "public"."connect" OWNER TO "postgres";

--
-- Name: domain_awl; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE "public"."domain_awl" (
    "sender_domain" character varying(255) NOT NULL,
    "src" character varying(39) NOT NULL,
    "first_seen" timestamp without time zone NOT NULL,
    "last_seen" timestamp without time zone NOT NULL
);


ALTER TABLE "public"."domain_awl" OWNER TO "postgres";

--
-- Name: from_awl; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE "public"."from_awl" (
    "sender_name" character varying(64) NOT NULL,
    "sender_domain" character varying(255) NOT NULL,
    "src" character varying(39) NOT NULL,
    "first_seen" timestamp without time zone NOT NULL,
    "last_seen" timestamp without time zone NOT NULL
);


ALTER TABLE "public"."from_awl" OWNER TO "postgres";

--
-- Name: optin_domain; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE "public"."optin_domain" (
    "domain" character varying(255) NOT NULL
);


ALTER TABLE "public"."optin_domain" OWNER TO "postgres";

--
-- Name: optin_email; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE "public"."optin_email" (
    "email" character varying(255) NOT NULL
);


ALTER TABLE "public"."optin_email" OWNER TO "postgres";

--
-- Name: optout_domain; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE "public"."optout_domain" (
    "domain" character varying(255) NOT NULL
);


ALTER TABLE "public"."optout_domain" OWNER TO "postgres";

--
-- Name: optout_email; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE "public"."optout_email" (
    "email" character varying(255) NOT NULL
);


ALTER TABLE "public"."optout_email" OWNER TO "postgres";

--
-- Data for Name: config; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO "public"."config" VALUES ('version', '3');


--
-- Data for Name: connect; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO "public"."connect" VALUES ('o''x;),(', 'example.org', '192.0.2', 'b@example.net', '2026-01-05 09:50:00');
INSERT INTO "public"."connect" VALUES ('-undef-', '-undef-', '2001:db8::1', 'c@example.net', '2026-01-05 09:51:00');


--
-- Data for Name: domain_awl; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO "public"."domain_awl" VALUES ('example.info', '192.0.2.77', '2026-01-01 00:00:00', '2026-01-05 09:00:00');


--
-- Data for Name: from_awl; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO "public"."from_awl" VALUES ('z', 'example.org', '198.51.100.3', '2026-01-01 00:00:00', '2026-01-05 09:00:00');
INSERT INTO "public"."from_awl" VALUES ('y', 'example.com', '203.0.113.9', '2026-01-01 00:00:00', '2026-01-05 09:00:00');
INSERT INTO "public"."from_awl" VALUES ('x', 'example.com', '203.0.113.10', '2026-01-01 00:00:00', '2026-01-05 09:00:00');


--
-- Data for Name: optin_domain; Type: TABLE DATA; Schema: public; Owner: postgres
--



--
-- Data for Name: optin_email; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO "public"."optin_email" VALUES ('me@example.net');


--
-- Data for Name: optout_domain; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO "public"."optout_domain" VALUES ('example.edu');


--
-- Data for Name: optout_email; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO "public"."optout_email" VALUES ('all@example.net');


--
-- Name: config config_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY "public"."config"
    ADD CONSTRAINT "config_pkey" PRIMARY KEY ("parameter");


--
-- Name: domain_awl domain_awl_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY "public"."domain_awl"
    ADD CONSTRAINT "domain_awl_pkey" PRIMARY KEY ("src", "sender_domain");


--
-- Name: from_awl from_awl_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY "public"."from_awl"
    ADD CONSTRAINT "from_awl_pkey" PRIMARY KEY ("src", "sender_domain", "sender_name");


--
-- Name: optin_domain optin_domain_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY "public"."optin_domain"
    ADD CONSTRAINT "optin_domain_pkey" PRIMARY KEY ("domain");


--
-- Name: optin_email optin_email_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY "public"."optin_email"
    ADD CONSTRAINT "optin_email_pkey" PRIMARY KEY ("email");


--
-- Name: optout_domain optout_domain_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY "public"."optout_domain"
    ADD CONSTRAINT "optout_domain_pkey" PRIMARY KEY ("domain");


--
-- Name: optout_email optout_email_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY "public"."optout_email"
    ADD CONSTRAINT "optout_email_pkey" PRIMARY KEY ("email");


--
-- PostgreSQL database dump complete
--

\unrestrict DH1PA5cDd871MEvPs094lRmusmKSWHmy0GSDCbOAmtvqMtsJ9HE7XnCXQ7whA3c

