/* Included by civetweb.c, which has no log files where it has no file system (NO_FILESYSTEMS): what it
 * has to say goes to the callback, and nowhere else. */
static void
mg_cry_internal_impl(const struct mg_connection *conn, const char *func, unsigned line, const char *fmt,
                     va_list ap)
{
	char text[MG_BUF_LEN];

	(void)func;
	(void)line;
	if (conn == NULL || conn->phys_ctx->callbacks.log_message == NULL) {
		return;
	}
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	conn->phys_ctx->callbacks.log_message(conn, text);
}
