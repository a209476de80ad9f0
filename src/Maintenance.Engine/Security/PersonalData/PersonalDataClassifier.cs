namespace Maintenance.Engine.Security.PersonalData;

/// <summary>What a column was taken for.</summary>
internal sealed record Classification(PersonalDataCategory Category, PersonalDataConfidence Confidence, IReadOnlyList<PersonalDataEvidence> Evidence, double? ValidShare)
{
    /// <summary>Every kind found, the column's own first.</summary>
    public IReadOnlyList<PersonalDataCategory> Contains => [.. Evidence.Where(item => item.Share is null or > 0).Select(item => item.Category).Prepend(Category).Distinct()];
}

/// <summary>Decides from a column's name, type, comment and sample what it holds and how sure that is. Pure; docs/personal-data.md has the rules.</summary>
internal static class PersonalDataClassifier
{
    /// <summary>Most values pass.</summary>
    private const double Most = 0.5;

    /// <summary>Some values pass, and it is no accident.</summary>
    private const double Some = 0.01;

    /// <summary>With fewer values nothing is refuted.</summary>
    private const long Enough = 20;

    /// <summary>So many different card numbers say it themselves, whatever the name.</summary>
    private const long EnoughCards = 10;

    /// <summary>Of numbers that only look like a card's so many pass Luhn's sum.</summary>
    private const double ByChance = 0.1;

    /// <summary>What is less probable is no chance.</summary>
    private const double Improbable = 0.001;

    private static readonly string[] Shapes = ["point", "polygon", "box", "path", "circle", "geometry", "geography"];

    /// <summary>Judges a column; null if nothing speaks for personal data.</summary>
    /// <param name="column">The column.</param>
    /// <param name="aboutPeople">Its table is about people.</param>
    /// <param name="sample">What its sample showed; null without one.</param>
    public static Classification? Classify(PersonalColumn column, bool aboutPeople, ColumnSample? sample)
    {
        var name = PersonalDataNames.Match(column.Name) is { } match && Fits(match.Category, column) ? match : null;
        var type = ByType(column);
        var values = sample is { Values: > 0 } ? ByValue(column, sample, name?.Category ?? type?.Category) : [];
        List<PersonalDataEvidence> evidence = [];
        if (name is not null)
        {
            evidence.Add(new(PersonalDataSource.Name, name.Category));
        }

        if (type is not null)
        {
            evidence.Add(new(PersonalDataSource.Type, type.Category));
        }

        evidence.AddRange(values);
        evidence.AddRange((sample?.Keys ?? new Dictionary<PersonalDataCategory, long>())
            .Select(key => new PersonalDataEvidence(PersonalDataSource.Key, key.Key, key.Value, Share(key.Value, sample!))));
        var personal = PersonalDataNames.SaysPersonal(column.Comment);
        if (personal)
        {
            evidence.Add(new(PersonalDataSource.Comment, name?.Category ?? type?.Category ?? PersonalDataCategory.Other));
        }

        var found = Strongest(ByWholeValues(column, evidence, name, sample), ByAnnouncement(name, type, evidence, aboutPeople, sample), ByParts(sample, evidence), ByKeys(evidence));
        if (personal && found is null or { Confidence: PersonalDataConfidence.Low })
        {
            found = new(found?.Category ?? PersonalDataCategory.Other, PersonalDataConfidence.Medium);
        }

        return found is null ? null : new Classification(found.Category, found.Confidence, evidence, evidence
            .Where(item => item.Source == PersonalDataSource.Value && item.Category == found.Category && !item.IsPart).Select(item => item.Share).FirstOrDefault());
    }

    // Most values say it themselves, whatever the name.
    private static Verdict? ByWholeValues(PersonalColumn column, List<PersonalDataEvidence> evidence, NameMatch? name, ColumnSample? sample)
    {
        var whole = evidence.Where(item => item is { Source: PersonalDataSource.Value, IsPart: false, Share: > 0 }).OrderByDescending(item => item.Share).ToList();
        foreach (var item in whole)
        {
            var said = name?.Category == item.Category;
            PersonalDataConfidence? confidence = (item.Category, item.Share!.Value) switch
            {
                (_, >= Most) when said => PersonalDataConfidence.High,
                (_, _) when said => PersonalDataConfidence.Medium,
                (PersonalDataCategory.PaymentCard, _) when IsChance(sample!) => PersonalDataConfidence.Low,
                (PersonalDataCategory.PaymentCard, >= Most) when sample!.CardNumbers < EnoughCards => PersonalDataConfidence.Medium,
                (PersonalDataCategory.Email or PersonalDataCategory.Iban or PersonalDataCategory.PaymentCard or PersonalDataCategory.Credential, >= Most) => PersonalDataConfidence.High,
                (PersonalDataCategory.Email or PersonalDataCategory.Iban or PersonalDataCategory.PaymentCard or PersonalDataCategory.Credential, >= Some) => PersonalDataConfidence.Medium,
                (PersonalDataCategory.Email or PersonalDataCategory.Iban or PersonalDataCategory.PaymentCard or PersonalDataCategory.Credential, _) => PersonalDataConfidence.Low,
                // An address of a network's own type is no version number.
                (PersonalDataCategory.IpAddress, >= Most) => column.Kind == 'i' ? PersonalDataConfidence.High : PersonalDataConfidence.Medium,
                (PersonalDataCategory.IpAddress, >= Some) => column.Kind == 'i' ? PersonalDataConfidence.Medium : PersonalDataConfidence.Low,
                (PersonalDataCategory.Phone, >= 0.8) => PersonalDataConfidence.Medium,
                (PersonalDataCategory.Phone, >= 0.1) => PersonalDataConfidence.Low,
                (PersonalDataCategory.NationalId, >= 0.8) when sample!.Values >= Enough => PersonalDataConfidence.Medium,
                _ => null,
            };
            if (confidence is { } sure)
            {
                // A column of JSON or of lists holds more than the one kind.
                return new(item.Category, sure);
            }
        }

        return null;
    }

    // What name and type announce, unless the values refute it.
    private static Verdict? ByAnnouncement(NameMatch? name, NameMatch? type, List<PersonalDataEvidence> evidence, bool aboutPeople, ColumnSample? sample)
    {
        if ((type ?? name) is not { } said)
        {
            return null;
        }

        if (name is not null && type is not null && name.Category == type.Category)
        {
            said = said with { IsStrong = true };
        }
        else if (name is { IsStrong: true } && type is { IsStrong: false })
        {
            said = name;
        }

        if (name is { IsHash: true } && said.Category == name.Category)
        {
            return new(said.Category, PersonalDataConfidence.Low);
        }

        // Text that people write is everywhere; it is worth a word in tables about people only.
        if (said.Category == PersonalDataCategory.FreeText && !aboutPeople)
        {
            return null;
        }

        var refuted = sample is { Values: >= Enough } && evidence.Exists(item => item.Source == PersonalDataSource.Value && item.Category == said.Category && item.Share == 0);
        return new(said.Category, (refuted, said.IsStrong, aboutPeople) switch
        {
            (true, _, _) => PersonalDataConfidence.Low,
            (_, true, true) => evidence.Exists(item => item.Source == PersonalDataSource.Value && item.Category == said.Category) ? PersonalDataConfidence.Medium : PersonalDataConfidence.High,
            (_, true, false) => PersonalDataConfidence.Medium,
            (_, false, true) when said.Category != PersonalDataCategory.FreeText => PersonalDataConfidence.Medium,
            _ => PersonalDataConfidence.Low,
        });
    }

    // What stands inside longer texts.
    private static Verdict? ByParts(ColumnSample? sample, List<PersonalDataEvidence> evidence)
    {
        var parts = evidence.Where(item => item is { Source: PersonalDataSource.Value, IsPart: true }).ToList();
        if (parts.Count == 0)
        {
            return null;
        }

        var sure = parts.Where(item => item.Category != PersonalDataCategory.IpAddress && !(item.Category == PersonalDataCategory.PaymentCard && IsChance(sample!)))
            .Select(item => item.Share!.Value).DefaultIfEmpty(0).Max();
        return new(PersonalDataCategory.FreeText, sure switch
        {
            >= Most => PersonalDataConfidence.High,
            >= Some => PersonalDataConfidence.Medium,
            _ => PersonalDataConfidence.Low,
        });
    }

    private static Verdict? ByKeys(List<PersonalDataEvidence> evidence) => evidence
        .Where(item => item is { Source: PersonalDataSource.Key, Share: > 0 }).OrderByDescending(item => item.Share)
        .Select(item => new Verdict(item.Category, item.Share >= Some ? PersonalDataConfidence.Medium : PersonalDataConfidence.Low)).FirstOrDefault();

    // The surer one; of two as sure, the first.
    private static Verdict? Strongest(params Verdict?[] verdicts) => verdicts.OfType<Verdict>().OrderByDescending(verdict => verdict.Confidence).FirstOrDefault();

    private static IEnumerable<PersonalDataEvidence> Validated(PersonalColumn column, ColumnSample sample, PersonalDataCategory? said)
    {
        // A column of numbers of which some pass Luhn's sum by chance is none.
        var cards = sample.CardInside * 2 >= sample.CardShape;
        (PersonalDataCategory Category, long Whole, long Inside)[] all =
        [
            (PersonalDataCategory.Email, sample.Email, sample.EmailInside),
            (PersonalDataCategory.PaymentCard, cards ? sample.Card : 0, cards ? sample.CardInside : 0),
            (PersonalDataCategory.Iban, sample.Iban, sample.IbanInside),
            (PersonalDataCategory.IpAddress, sample.Ip, sample.IpInside),
            (PersonalDataCategory.Credential, sample.Secret, sample.Secret),
            (PersonalDataCategory.Phone, said == PersonalDataCategory.Phone ? Math.Max(sample.Phone, sample.PhoneLike) : sample.Phone, 0),
            (PersonalDataCategory.NationalId, sample.NationalId, 0),
            (PersonalDataCategory.BirthDate, said == PersonalDataCategory.BirthDate ? sample.BirthDate : 0, 0),
        ];
        foreach (var (category, whole, inside) in all)
        {
            var expected = category == said && Refutable(category);
            // Where as many stand inside other text as alone, it is text.
            if (whole > 0 || (expected && inside == 0))
            {
                yield return new(PersonalDataSource.Value, category, whole, Share(whole, sample));
            }

            if (inside > whole)
            {
                yield return new(PersonalDataSource.Value, category, inside, Share(inside, sample), IsPart: true);
            }
        }
    }

    private static List<PersonalDataEvidence> ByValue(PersonalColumn column, ColumnSample sample, PersonalDataCategory? said) => [.. Validated(column, sample, said)];

    // Numbers of states that no validator knows, and hashes of passwords, do not speak against a name.
    private static bool Refutable(PersonalDataCategory category) => category is
        PersonalDataCategory.Email or PersonalDataCategory.PaymentCard or PersonalDataCategory.Iban or PersonalDataCategory.IpAddress or PersonalDataCategory.Phone or PersonalDataCategory.BirthDate;

    // How probable it is that so many different numbers pass, if each passes by chance: the upper end of the binomial distribution.
    private static bool IsChance(ColumnSample sample)
    {
        var (all, valid) = (Math.Max(sample.CardShapes, sample.CardNumbers), sample.CardNumbers);
        var (term, tail) = (Math.Pow(1 - ByChance, all), 0.0);
        for (var passed = 0L; passed <= all; passed++)
        {
            tail += passed >= valid ? term : 0;
            term *= (double)(all - passed) / (passed + 1) * ByChance / (1 - ByChance);
        }

        return tail > Improbable;
    }

    private static double Share(long rows, ColumnSample sample) => sample.Values == 0 ? 0 : Math.Round((double)rows / sample.Values, 4);

    private static NameMatch? ByType(PersonalColumn column)
    {
        if (column.Kind == 'i')
        {
            return new(PersonalDataCategory.IpAddress, true);
        }

        if (column.BaseType is "macaddr" or "macaddr8")
        {
            return new(PersonalDataCategory.DeviceId, true);
        }

        if (Shapes.Contains(column.BaseType))
        {
            return new(PersonalDataCategory.Location, false);
        }

        // A domain is named after what it is for.
        return column.TypeName != column.BaseType && PersonalDataNames.Match(column.TypeName) is { IsStrong: true } match ? match : null;
    }

    // An e-mail address is no truth value, a name no time: email_verified, name_changed.
    private static bool Fits(PersonalDataCategory category, PersonalColumn column) => column.Kind switch
    {
        't' or 'a' or 'j' or 'c' or 'x' => true,
        'i' => category == PersonalDataCategory.IpAddress,
        'd' => category is PersonalDataCategory.BirthDate or PersonalDataCategory.SpecialCategory,
        'n' => category is PersonalDataCategory.Phone or PersonalDataCategory.PaymentCard or PersonalDataCategory.NationalId or PersonalDataCategory.Iban or PersonalDataCategory.Location
            or PersonalDataCategory.Financial or PersonalDataCategory.BirthDate or PersonalDataCategory.Demographic or PersonalDataCategory.Credential
            || (category == PersonalDataCategory.Address && column.BaseType != "numeric"),
        _ => column.BaseType switch
        {
            "bool" => category == PersonalDataCategory.SpecialCategory,
            "bytea" => category is PersonalDataCategory.SpecialCategory or PersonalDataCategory.Credential or PersonalDataCategory.Image or PersonalDataCategory.PaymentCard or PersonalDataCategory.NationalId or PersonalDataCategory.Iban,
            "uuid" => category is PersonalDataCategory.DeviceId or PersonalDataCategory.Credential,
            "float4" or "float8" or "money" => category is PersonalDataCategory.Location or PersonalDataCategory.Financial,
            "interval" or "time" or "timetz" or "int2" => category is PersonalDataCategory.Demographic,
            _ => Shapes.Contains(column.BaseType) ? category is PersonalDataCategory.Location or PersonalDataCategory.Address
                : category is PersonalDataCategory.SpecialCategory or PersonalDataCategory.Demographic or PersonalDataCategory.Address or PersonalDataCategory.Name or PersonalDataCategory.DeviceId,
        },
    };

    private sealed record Verdict(PersonalDataCategory Category, PersonalDataConfidence Confidence);
}
