/* bedrock.curl: the HTTP engine, the only part of the module that knows libcurl. */
#include "bind.h"
#include "lhttp.h"

#include <dlfcn.h>

/* Closing a Lua state unloads its C modules, but libcurl may have a thread that still resolves a name for a
 * request that was given up. So this object, and libcurl with it, stays for the life of the process. */
static void stay_loaded(void) {
    static const char here = 0;
    Dl_info self;
    if (dladdr(&here, &self) != 0 && self.dli_fname != NULL)
        (void)dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE | RTLD_NOLOAD);
}

LBR_EXPORT int luaopen_bedrock_curl(lua_State *L) {
    luaL_checkversion(L);
    stay_loaded();
    return luaopen_bedrock_http(L);
}
