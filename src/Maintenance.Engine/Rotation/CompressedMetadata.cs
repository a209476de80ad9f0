namespace Maintenance.Engine.Rotation;

/// <summary>What is kept with an artefact once it is compressed, beside all that was kept with it before.</summary>
internal static class CompressedMetadata
{
    /// <summary>Its kind before.</summary>
    public const string Type = "uncompressed_type";

    /// <summary>Its size before, in bytes.</summary>
    public const string Size = "uncompressed_size";

    /// <summary>Its last write before, from which its age counts: a blob cannot keep that by itself.</summary>
    public const string Written = "uncompressed_written";
}
