namespace Maintenance;

/// <summary>What kind of personal data a column holds.</summary>
public enum PersonalDataCategory
{
    /// <summary>It could not be found out: the table could not be looked into.</summary>
    Unknown = 0,

    /// <summary>E-mail addresses.</summary>
    Email,

    /// <summary>Telephone numbers.</summary>
    Phone,

    /// <summary>Names of people, and names they log in by.</summary>
    Name,

    /// <summary>Postal addresses and parts of them.</summary>
    Address,

    /// <summary>Dates of birth.</summary>
    BirthDate,

    /// <summary>Numbers that a state gives to a person: social security, tax, passport, driving licence.</summary>
    NationalId,

    /// <summary>Numbers of payment cards.</summary>
    PaymentCard,

    /// <summary>Numbers of bank accounts.</summary>
    Iban,

    /// <summary>Addresses of the internet.</summary>
    IpAddress,

    /// <summary>Where somebody is or was.</summary>
    Location,

    /// <summary>Special categories of Art. 9 GDPR (health, religion, origin, opinion, union, sex life, genetic and biometric data) and convictions (Art. 10).</summary>
    SpecialCategory,

    /// <summary>What lets somebody in: passwords, tokens, keys, answers to security questions.</summary>
    Credential,

    /// <summary>Identifiers of devices and browsers.</summary>
    DeviceId,

    /// <summary>Gender, age, nationality, marital status.</summary>
    Demographic,

    /// <summary>Income and credit of a person.</summary>
    Financial,

    /// <summary>Pictures of people, and where they lie.</summary>
    Image,

    /// <summary>Text that people write, in which personal data are or may be.</summary>
    FreeText,

    /// <summary>Personal data according to the column's comment alone.</summary>
    Other,
}

/// <summary>How sure it is that a column holds personal data. The rules are in docs/personal-data.md.</summary>
public enum PersonalDataConfidence
{
    /// <summary>Something hints at it, and somebody has to look.</summary>
    Low = 0,

    /// <summary>Its name says so plainly, or some of its values do.</summary>
    Medium,

    /// <summary>Most of its values do, or its name does in a table about people.</summary>
    High,
}

/// <summary>What something is known by.</summary>
public enum PersonalDataSource
{
    /// <summary>The column's name.</summary>
    Name = 0,

    /// <summary>The column's type, or the name of its domain.</summary>
    Type,

    /// <summary>Values that passed a validator.</summary>
    Value,

    /// <summary>Names of keys in its JSON.</summary>
    Key,

    /// <summary>The column's comment.</summary>
    Comment,
}

/// <summary>One thing that says what a column holds, or that it does not. It never has a value in it.</summary>
/// <param name="Source">What it is known by.</param>
/// <param name="Category">What it speaks for.</param>
/// <param name="Matched">How many rows of the sample passed; null where nothing was counted.</param>
/// <param name="Share">Which part of the sampled values that is, 0 to 1; null where nothing was counted.</param>
/// <param name="IsPart">It stands inside longer texts.</param>
public sealed record PersonalDataEvidence(PersonalDataSource Source, PersonalDataCategory Category, long? Matched = null, double? Share = null, bool IsPart = false)
{
    /// <inheritdoc/>
    public override string ToString() => Share is { } share
        ? FormattableString.Invariant($"{Source}: {Category}{(IsPart ? " inside" : "")} {share:P0}")
        : $"{Source}: {Category}";
}
