namespace Maintenance.Packager;

/// <summary>Something that must not be packed as it is; the message is what the build shows.</summary>
internal sealed class PackagingException(string message) : Exception(message);
