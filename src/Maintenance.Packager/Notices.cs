namespace Maintenance.Packager;

/// <summary>What a folder that is shipped tells of the libraries in it.</summary>
internal static class Notices
{
    public const string File = "THIRD-PARTY-NOTICES.txt";
    public const string BillOfMaterials = "sbom.cdx.json";

    public static void WriteInto(string folder, string product, string version, string licence, IEnumerable<PackagePart> parts)
    {
        var components = ComponentReader.Read(folder, parts);
        System.IO.File.WriteAllText(Path.Combine(folder, File), NoticesWriter.Write(product, components));
        System.IO.File.WriteAllText(Path.Combine(folder, BillOfMaterials), SbomWriter.Write(product, version, licence, components));
    }
}
