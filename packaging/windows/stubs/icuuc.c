/* A stand-in for Windows' icuuc.dll, for wine alone: every converter is unknown.

   Qt6Core needs the library to be there; it asks it only for character sets other than
   UTF-8, UTF-16, UTF-32 and Latin-1, which a kiosk never reads. An UErrorCode above 0 is a
   failure (ICU, unicode/utypes.h). */

#define U_UNSUPPORTED_ERROR 16

typedef int UErrorCode;

static void *refuse(UErrorCode *status)
{
    if (status)
        *status = U_UNSUPPORTED_ERROR;
    return 0;
}

void *ucnv_open(const char *name, UErrorCode *status) { return refuse(status); }
void ucnv_close(void *converter) {}
void ucnv_reset(void *converter) {}
signed char ucnv_getMaxCharSize(const void *converter) { return 1; }
const char *ucnv_getName(const void *converter, UErrorCode *status) { return refuse(status); }
int ucnv_countAvailable(void) { return 0; }
const char *ucnv_getAvailableName(int number) { return 0; }

const char *ucnv_getStandardName(const char *name, const char *standard, UErrorCode *status)
{
    return refuse(status);
}

void ucnv_getToUCallBack(const void *converter, void **action, const void **context)
{
    *action = 0;
    *context = 0;
}

void ucnv_getFromUCallBack(const void *converter, void **action, const void **context)
{
    *action = 0;
    *context = 0;
}

void ucnv_setToUCallBack(void *converter, void *action, const void *context, void **old_action,
                         const void **old_context, UErrorCode *status)
{
    refuse(status);
}

void ucnv_setFromUCallBack(void *converter, void *action, const void *context, void **old_action,
                           const void **old_context, UErrorCode *status)
{
    refuse(status);
}

int ucnv_toUCountPending(const void *converter, UErrorCode *status) { return 0; }
int ucnv_fromUCountPending(const void *converter, UErrorCode *status) { return 0; }

void ucnv_toUnicode(void *converter, unsigned short **target, const unsigned short *target_end,
                    const char **source, const char *source_end, int *offsets, signed char flush,
                    UErrorCode *status)
{
    refuse(status);
}

void ucnv_fromUnicode(void *converter, char **target, const char *target_end,
                      const unsigned short **source, const unsigned short *source_end,
                      int *offsets, signed char flush, UErrorCode *status)
{
    refuse(status);
}

void ucnv_cbToUWriteUChars(void *arguments, const unsigned short *source, int length, int offset,
                           UErrorCode *status)
{
    refuse(status);
}

void ucnv_cbFromUWriteUChars(void *arguments, const unsigned short **source,
                             const unsigned short *end, int offset, UErrorCode *status)
{
    refuse(status);
}

void UCNV_TO_U_CALLBACK_SUBSTITUTE(void) {}
void UCNV_FROM_U_CALLBACK_SUBSTITUTE(void) {}

int __stdcall DllMain(void *module, unsigned reason, void *reserved) { return 1; }
