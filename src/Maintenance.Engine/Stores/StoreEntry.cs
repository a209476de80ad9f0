namespace Maintenance.Engine.Stores;

/// <summary>One file of a store.</summary>
/// <param name="Name">Name in the store, with <c>/</c> between folders.</param>
/// <param name="SizeBytes">Size in bytes.</param>
/// <param name="LastModified">When the store received it (UTC).</param>
/// <param name="Tier">Access tier of a blob.</param>
/// <param name="ETag">Entity tag of a blob.</param>
internal readonly record struct StoreEntry(
    string Name, long SizeBytes, DateTimeOffset LastModified, string? Tier = null, string? ETag = null);
