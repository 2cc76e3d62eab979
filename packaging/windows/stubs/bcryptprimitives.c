/* A stand-in for Windows' bcryptprimitives.dll, for wine alone: random bytes from advapi32.

   Everything compiled from Rust (pydantic-core, cryptography, opening-hours) asks for them here;
   wine 8 has only the older door, RtlGenRandom, exported as SystemFunction036. */

__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *bytes, unsigned long count);

int __stdcall ProcessPrng(unsigned char *bytes, unsigned long long count)
{
    while (count) {
        unsigned long part = count > 0x10000 ? 0x10000 : (unsigned long)count;
        if (!SystemFunction036(bytes, part))
            return 0;
        bytes += part;
        count -= part;
    }
    return 1;
}

int __stdcall DllMain(void *module, unsigned reason, void *reserved) { return 1; }
