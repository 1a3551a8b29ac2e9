"""Causes that a database may have, its driver, and the way to it."""

from __future__ import annotations

from celery_backend_lint.verify.causes.words import Words

NEVER_ANSWERS = "see that the server is not stopped or overloaded, and that it is a database that listens on this port"
GRANT = "let the owner of the database give user {user} the right to "

CAUSES = {
    # The URL and the driver
    "url-unreadable": Words(
        "SQLAlchemy cannot read the URL in {setting}",
        "write it as db+postgresql://USER:PASSWORD@HOST/DATABASE; special characters in the password as %40 …",
    ),
    "dialect-unknown": Words(
        "SQLAlchemy has no database that is called {dialect}",
        "correct the word after db+ in {setting} (postgresql, not postgres), or install what brings it",
    ),
    "driver-missing": Words(
        "the driver {driver} is not installed there: {text}",
        "install {package} in the environment of the worker, or name another driver in {setting}",
    ),
    "driver-asynchronous": Words(
        "the driver cannot be used by Celery, whose backend is synchronous: {text}",
        "name a synchronous driver in {setting}: psycopg or psycopg2, pymysql or mysqldb, none for SQLite",
    ),
    "engine-option": Words(
        "SQLAlchemy does not take the options of the engine: {text}", "correct database_engine_options"
    ),
    "option-unknown": Words(
        "the driver does not know an option: {text}", "correct what stands after ? in {setting}, or connect_args"
    ),
    "cryptography-missing": Words(
        "the driver lacks a package for the way in which the server asks for passwords: {text}",
        "install cryptography in the environment of the worker",
    ),
    # The way
    "host-unknown": Words(
        "the host of {address} does not exist: {text}",
        "correct the host in {setting}; names of Docker and Kubernetes are known in their networks only",
    ),
    "dns-unavailable": Words("no name server answers for {address}: {text}", "see /etc/resolv.conf, and try again"),
    "no-answer@dns": Words(
        "no name server answers within {seconds} seconds for {address}",
        "see /etc/resolv.conf; allow more with --step-timeout",
    ),
    "tcp-timeout": Words(
        "no connection to {address} within {seconds} seconds",
        "see that the host is up and that firewalls, security groups and network policies let the port through",
    ),
    "refused-here": Words(
        "nothing listens on {address}, which is this machine",
        "start the server; inside of a container localhost is the container itself, so name the service there",
    ),
    "refused-there": Words(
        "{address} refuses the connection",
        "see that the server runs there, that it listens for others (listen_addresses, bind-address), and the port",
    ),
    "refused-connection": Words(
        "{address} refuses the connection: {text}", "see that the server runs there, and that the port is right"
    ),
    "unreachable": Words(
        "there is no way to {address}: {text}", "see routes, VPN and firewalls between here and there"
    ),
    "socket-missing": Words(
        "the server cannot be reached by a socket of this machine: {text}",
        "see that it runs here, or name its host in {setting}",
    ),
    "no-answer@auth": Words("{address} takes the connection and says nothing within {seconds} seconds", NEVER_ANSWERS),
    "timed-out": Words("{address} does not answer in time: {text}", NEVER_ANSWERS),
    "closed": Words(
        "{address} closes the connection: {text}",
        "see the server's log, its limit of connections, and what stands between (a pooler, a load balancer)",
    ),
    "tls-unsupported": Words(
        "{address} does not speak TLS: {text}", "turn TLS on on the server, or take sslmode out of {setting}"
    ),
    "tls-failed": Words(
        "TLS with {address} fails: {text}",
        "give the CA that signed the server's certificate (sslrootcert), and name the host as the certificate does",
    ),
    # Who one is
    "password-wrong": Words(
        "{address} does not take the password of user {user}",
        "correct user and password in {setting}; special characters in a URL are written as %40 …",
    ),
    "password-missing": Words(
        "{address} wants a password of user {user}, and there is none", "give it in {setting}, from the environment"
    ),
    "role-refused": Words(
        "{address} does not let user {user} in: {text}", "correct the user in {setting}, or create it with LOGIN"
    ),
    "other-account": Words(
        "{address} takes this machine's account for the user, and it is another: {text}",
        "name host and password in {setting}, or see pg_hba.conf",
    ),
    "host-not-allowed": Words(
        "{address} lets user {user} not in from here: {text}",
        "allow it on the server: pg_hba.conf, or the host part of the MySQL account; TLS may be asked for",
    ),
    "host-blocked": Words(
        "{address} has blocked this machine after failed connections: {text}", "run FLUSH HOSTS on the server"
    ),
    "connections-full": Words(
        "{address} has as many connections as it takes: {text}",
        "lower the workers' concurrency and database_engine_options' pool_size, raise max_connections, or use a pooler",
    ),
    "server-starts": Words("{address} is starting: {text}", "try again when it is through"),
    "server-stops": Words("{address} is going down: {text}", "see why the server stops"),
    # The database
    "database-missing": Words(
        "{address} has no database {database}: {text}", "create it, or correct its name in {setting}"
    ),
    "database-forbidden": Words(
        "user {user} may not use the database {database}: {text}",
        "GRANT CONNECT (PostgreSQL) or ALL (MySQL) ON it TO {user}, or correct its name in {setting}",
    ),
    "database-not-named": Words("no database is named: {text}", "give its name in {setting}, after the port and a /"),
    "in-memory": Words(
        "this SQLite database is in the memory of one process: a result is read by nobody else",
        "give it a file, db+sqlite:////folder/results.db, or use a server",
    ),
    "folder-missing": Words(
        "the folder {folder} of the SQLite database is not there",
        "create it; sqlite:///x is relative to where the process runs, sqlite:////x is not",
    ),
    "folder-read-only": Words(
        "user {account} may not write to {folder}, where SQLite needs files beside the database",
        "give the worker's user the right to write there, and see that the volume is not mounted read-only",
    ),
    "file-read-only": Words(
        "user {account} may not read and write {database}", "give it to the worker's user (chown, chmod)"
    ),
    "file-unusable": Words("SQLite cannot open {database}: {text}", "correct the path in {setting}"),
    "file-not-sqlite": Words(
        "{database} is no SQLite database, or is damaged: {text}", "name another file in {setting}"
    ),
    "read-only": Words(
        "the database takes no writes: {text}",
        "name the primary server in {setting}; for a file, see its permissions and mode=ro in the URL",
    ),
    "disk-full": Words("there is no room for the database: {text}", "see the disk of the server"),
    # The tables
    "may-not-create": Words(
        "the tables {tables} are not there, and user {user} may not create them in the schema {schema}",
        GRANT + "do it (GRANT CREATE ON SCHEMA {schema} TO {user}), or create the tables as the owner",
    ),
    "schema-missing": Words(
        "the schema of the tables is not there: {text}", "create it, or correct database_table_schemas"
    ),
    "permission-denied@create": Words(
        "user {user} may not create the tables: {text}", GRANT + "CREATE, or create the tables as the owner"
    ),
    "permission-denied": Words(
        "user {user} may not do that: {text}",
        GRANT + "SELECT, INSERT, UPDATE and DELETE on the tables of results, and USAGE on their sequences",
    ),
    "columns-missing": Words(
        "the table {table} lacks columns that this Celery writes: {columns}",
        "add them with ALTER TABLE as the owner, or name another table in database_table_names",
    ),
    "columns-to-come": Words(
        "the table {table} lacks columns that this Celery writes: {columns}; Celery adds them with ALTER TABLE at its "
        "first use, so nothing was stored here",
        "run the first worker as the owner of the table, at a time when nothing else holds it for long",
    ),
    "tables-to-come": Words("Celery makes what is not there at its first use: {tables}"),
    "tables-dropped": Words(
        "the tables that were made to try this are dropped; a worker that began in these {seconds} seconds took them "
        "for there to stay",
        "restart a worker that began while this ran",
    ),
    "tables-in-use": Words(
        "the tables that were made here, {tables}, hold results of others by now: they were not dropped"
    ),
    "table-missing": Words("a table is not there: {text}", "see database_table_names, and who drops it"),
    "column-missing": Words("a column is not there: {text}", "see what else the table is used for"),
    "isolation-level": Words(
        "transactions are {level} there; Celery reads each result in one of its own, so that it sees what comes later"
    ),
    # A result
    "locked": Words(
        "something holds the table for longer than was waited: {text}",
        "see what does (pg_locks, SHOW PROCESSLIST, for SQLite the other process), and why its transaction is so long",
    ),
    "cancelled": Words("the server cancelled the statement: {text}", "see statement_timeout, and what the server does"),
    "database-error": Words("the database says: {text}", "see its log"),
    # Clean-up
    "beat-does-not-clean": Words(
        "result_expires is {expires}: beat schedules no clean-up, and results stay for ever",
        "set result_expires to a number of seconds",
    ),
    "never-cleaned": Words(
        "clean-up, which deletes results daily, does not run: of {overdue} the time (result_expires) was over more "
        "than two days ago",
        "run one `celery beat` for this app: it sends celery.backend_cleanup at 4 o'clock, which a worker executes",
    ),
    "to-be-cleaned": Words("results that are older than result_expires, which the next clean-up deletes: {expired}"),
    "too-many-to-count": Words(
        "whether clean-up runs is not known: counting rows of {tables} takes too long", "give date_done an index"
    ),
}
