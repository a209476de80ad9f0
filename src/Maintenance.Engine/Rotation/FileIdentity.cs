using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Maintenance.Engine.Rotation;

/// <summary>What the operating system knows of a file and .NET does not tell: whether it is one at all, which one, and whose. Linux alone.</summary>
/// <param name="IsRegular">A file with content: no pipe, socket or device.</param>
/// <param name="Device">The device that it is on.</param>
/// <param name="Number">Its number there: names may change, this does not.</param>
/// <param name="User">Its owner.</param>
/// <param name="Group">Its group.</param>
internal readonly record struct FileIdentity(bool IsRegular, ulong Device, ulong Number, uint User, uint Group)
{
    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const int OfTheHandle = 0x1000;

    /// <summary>What is known of a file on a server will do: one that is down would hold up whoever asks.</summary>
    private const int AsKnown = 0x4000;
    private const uint BasicFacts = 0x7ff;
    private const ushort KindMask = 0xf000;
    private const ushort Regular = 0x8000;

    private static bool _isUnknown = !OperatingSystem.IsLinux();

    /// <summary>The identity of a file; null where it cannot be told.</summary>
    /// <param name="path">The file.</param>
    /// <param name="follow">What a link leads to, instead of the link.</param>
    public static FileIdentity? Of(string path, bool follow = false) => Of(CurrentFolder, path, follow ? AsKnown : DoNotFollow);

    /// <summary>The identity of an open file; null where it cannot be told.</summary>
    /// <param name="file">The file.</param>
    public static FileIdentity? Of(SafeFileHandle file) => Of((int)file.DangerousGetHandle(), "", OfTheHandle);

    private static FileIdentity? Of(int place, string path, int flags)
    {
        if (_isUnknown)
        {
            return null;
        }

        try
        {
            return Query(place, Text(path), flags, BasicFacts, out var facts) == 0
                ? new FileIdentity((facts.Mode & KindMask) == Regular, ((ulong)facts.DeviceMajor << 32) | facts.DeviceMinor, facts.Number, facts.User, facts.Group)
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            _isUnknown = true;
            return null;
        }
        catch (DllNotFoundException)
        {
            _isUnknown = true;
            return null;
        }
    }

    /// <summary>Whether a file is safe to open and to delete as one. Where that cannot be told, pipes and devices show no size.</summary>
    /// <param name="file">The file.</param>
    public static bool IsRegularFile(FileInfo file) =>
        !file.Attributes.HasFlag(FileAttributes.ReparsePoint) && (Of(file.FullName)?.IsRegular ?? (OperatingSystem.IsWindows() || file.Length > 0));

    /// <summary>Gives a file the owner of another. Only an administrator may give files away; for anybody else it stays as it is.</summary>
    /// <param name="file">The file.</param>
    /// <param name="other">The file whose owner it gets.</param>
    public static void TakeOwner(SafeFileHandle file, SafeFileHandle other)
    {
        if (Of(file) is { } mine && Of(other) is { } theirs && (mine.User, mine.Group) != (theirs.User, theirs.Group))
        {
            _ = ChangeOwner((int)file.DangerousGetHandle(), theirs.User, theirs.Group);
        }
    }

    /// <summary>What tells it from every other file of the machine.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Device:x}:{Number}");

    private static byte[] Text(string path) => Encoding.UTF8.GetBytes(path + '\0');

    // The one of the calls of this kind whose structure is the same on every processor.
    [DllImport("libc", EntryPoint = "statx", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Query(int folder, byte[] path, int flags, uint mask, out Facts facts);

    [DllImport("libc", EntryPoint = "fchown", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ChangeOwner(int file, uint user, uint group);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private readonly struct Facts
    {
        [FieldOffset(20)]
        public readonly uint User;

        [FieldOffset(24)]
        public readonly uint Group;

        [FieldOffset(28)]
        public readonly ushort Mode;

        [FieldOffset(32)]
        public readonly ulong Number;

        [FieldOffset(136)]
        public readonly uint DeviceMajor;

        [FieldOffset(140)]
        public readonly uint DeviceMinor;
    }
}
