namespace Maintenance.Engine.Tests.Configuration;

public sealed class ByteSizesTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("512B", 512)]
    [InlineData("8 kB", 8192)]
    [InlineData("500MB", 524288000)]
    [InlineData("1.5GB", 1610612736)]
    [InlineData("100GB", 107374182400)]
    [InlineData("10 mb", 10485760)]
    [InlineData("10Mb", 10485760)]
    [InlineData("10MiB", 10485760)]
    [InlineData("10 kib", 10240)]
    [InlineData("8KB", 8192)]
    [InlineData("1.5 GiB", 1610612736)]
    [InlineData("2TB", 2199023255552)]
    public void A_size_is_read_in_powers_of_1024(string text, long bytes)
    {
        Assert.True(ByteSizes.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0GB")]
    [InlineData("-1GB")]
    [InlineData("1,5GB")]
    [InlineData("1iB")]
    [InlineData("10M B")]
    [InlineData("10Mbit")]
    [InlineData("GB")]
    [InlineData("100GB\n")]
    [InlineData("999999999999999PB")]
    public void What_is_no_size_is_refused(string? text) => Assert.False(ByteSizes.TryParse(text, out _));
}
