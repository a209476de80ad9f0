using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Tests.Stores;

public sealed class StoreErrorsTests
{
    [Fact]
    public void A_folder_that_is_missing_may_be_an_unmounted_disk_or_a_store_to_make_and_both_are_told()
    {
        var error = StoreErrors.FolderNotFound("/mnt/ada's backups", isFile: false);
        Assert.Equal(MaintenanceErrorCode.StoreNotFound, error.Code);
        Assert.Contains("mounted", error.Recommendation, StringComparison.Ordinal);
        Assert.EndsWith("New-Item -ItemType Directory '/mnt/ada''s backups'", error.Recommendation, StringComparison.Ordinal);
    }
}
