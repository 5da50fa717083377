/** The numbers of the ZIP format (PKWARE APPNOTE 6.3.10), shared by the writer and the reader. */

export const localHeaderSignature = 0x04034b50;
export const centralHeaderSignature = 0x02014b50;
export const endRecordSignature = 0x06054b50;
export const zip64EndRecordSignature = 0x06064b50;
export const zip64LocatorSignature = 0x07064b50;
export const descriptorSignature = 0x08074b50;

export const localHeaderBytes = 30;
export const centralHeaderBytes = 46;
export const endRecordBytes = 22;
export const zip64EndRecordBytes = 56;
export const zip64LocatorBytes = 20;

export const max16 = 0xffff;
export const max32 = 0xffffffff;

export const methodStored = 0;
export const methodDeflated = 8;
/** WinZip's encryption, which stands for a method. */
export const methodAes = 99;

/** General purpose bits. */
export const flagEncrypted = 1;
export const flagDescriptor = 1 << 3;
export const flagStrongEncryption = 1 << 6;
export const flagUtf8 = 1 << 11;
export const flagMaskedHeaders = 1 << 13;
/** The bits an ordinary archive may have: deflate's two options, the descriptor and UTF-8. */
export const knownFlags = 0b110 | flagDescriptor | flagUtf8;

export const extraZip64 = 0x0001;
export const extraTimestamp = 0x5455;
export const extraUnixOwner = 0x7875;
export const extraUnicodePath = 0x7075;

/** File type bits of st_mode. */
export const modeTypeMask = 0o170000;
export const modeRegular = 0o100000;
export const modeDirectory = 0o040000;
export const modeLink = 0o120000;
