/* Included by civetweb.c, which has no log files where it has no file system (NO_FILESYSTEMS). */
static void
log_access(const struct mg_connection *conn)
{
	(void)conn;
}
