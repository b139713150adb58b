--
-- PostgreSQL database dump
--

\restrict 4QLTSxjWYbX2YeXsF6ZDz6xWFRpmHuVAGxYe5BZbB6g47UMgQuQdjMD88LKz8X5

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
-- Data for Name: config; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.config (parameter, value) FROM stdin;
version	3
\.


--
-- Data for Name: connect; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.connect (sender_name, sender_domain, src, rcpt, first_seen) FROM stdin;
o'x;),(	example.org	192.0.2	b@example.net	2026-01-05 09:50:00
-undef-	-undef-	2001:db8::1	c@example.net	2026-01-05 09:51:00
\.


--
-- Data for Name: domain_awl; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.domain_awl (sender_domain, src, first_seen, last_seen) FROM stdin;
example.info	192.0.2.77	2026-01-01 00:00:00	2026-01-05 09:00:00
\.


--
-- Data for Name: from_awl; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.from_awl (sender_name, sender_domain, src, first_seen, last_seen) FROM stdin;
z	example.org	198.51.100.3	2026-01-01 00:00:00	2026-01-05 09:00:00
y	example.com	203.0.113.9	2026-01-01 00:00:00	2026-01-05 09:00:00
x	example.com	203.0.113.10	2026-01-01 00:00:00	2026-01-05 09:00:00
\.


--
-- Data for Name: optin_domain; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.optin_domain (domain) FROM stdin;
\.


--
-- Data for Name: optin_email; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.optin_email (email) FROM stdin;
me@example.net
\.


--
-- Data for Name: optout_domain; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.optout_domain (domain) FROM stdin;
example.edu
\.


--
-- Data for Name: optout_email; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.optout_email (email) FROM stdin;
all@example.net
\.


--
-- PostgreSQL database dump complete
--

\unrestrict 4QLTSxjWYbX2YeXsF6ZDz6xWFRpmHuVAGxYe5BZbB6g47UMgQuQdjMD88LKz8X5

