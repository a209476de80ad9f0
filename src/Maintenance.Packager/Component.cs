namespace Maintenance.Packager;

/// <summary>A package of others, which files of it are shipped, and what it wants to be told with them.</summary>
internal sealed record Component(string Id, string Version, Licence Licence, string Copyright, IReadOnlyList<string> Notices, IReadOnlyList<ShippedFile> Files);

/// <summary>A licence by its SPDX identifier, and its text.</summary>
internal sealed record Licence(string Spdx, string Text);

/// <summary>A file by its path below the folder that is shipped, with slashes, and its hash in lower-case hexadecimal digits.</summary>
internal sealed record ShippedFile(string Path, string Sha256);
