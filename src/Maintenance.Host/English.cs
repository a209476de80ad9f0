using System.Globalization;

namespace Maintenance.Host;

/// <summary>The language of all texts here.</summary>
internal static class English
{
    /// <summary>
    /// Where the system names no language, as in a container, PowerShell does not know where words end, and breaks the lines of help within them. Then it is
    /// told that they are English; figures and times keep the form that they have without a language.
    /// </summary>
    public static void StandInForNoLanguage()
    {
        if (CultureInfo.CurrentCulture.Name.Length > 0)
        {
            return;
        }

        try
        {
            CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = new CultureInfo("en-US", useUserOverride: false)
            {
                NumberFormat = CultureInfo.InvariantCulture.NumberFormat,
                DateTimeFormat = CultureInfo.InvariantCulture.DateTimeFormat,
            };
        }
        catch (CultureNotFoundException)
        {
            // .NET was told to know no languages (DOTNET_SYSTEM_GLOBALIZATION_INVARIANT): lines break where they may.
        }
    }
}
