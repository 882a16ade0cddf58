/// What the words of a folder say about the edition, the version and the performers.
extension FolderWords {
    /// Whether unknown words follow the name of the album. Words before it can be another spelling of the artist.
    var hasUnknownEdition: Bool {
        guard let name = folder.findExact(recording.album, where: { _ in true }) else { return false }
        // One short word is also a word of other albums, unless a bracket follows it.
        let isBeforeBracket = name.upperBound < folder.count && folder.items[name.upperBound].isBracketed
        guard recording.album.count > 1 || recording.album.letters.count >= 8 || isBeforeBracket else { return false }
        return hasUnknownPart(from: name.upperBound)
    }

    /// Whether a folder consists of the artist's name and brackets with unknown words, as those of recorded
    /// concerts do.
    var hasUnknownRemark: Bool {
        guard let first = folder.items.firstIndex(where: \.isBracketed), first > 0,
            folder.items[..<first].allSatisfy({ recording.artistWords.contains($0.id) || $0.isYear })
        else { return false }
        return hasUnknownPart(from: first)
    }

    private func hasUnknownPart(from first: Int) -> Bool {
        var start = first
        while start < folder.count, !isGroup(start) {
            let part = folder.part(from: start)
            if part.contains(where: { !isKnown($0) }), !isAboutCopy(part) { return true }
            start = part.upperBound
        }
        return false
    }

    /// Returns whether a word is the last one of a name such as `Artist-Album-WEB-2004-GROUP`: that of the release group.
    private func isGroup(_ index: Int) -> Bool {
        index == folder.count - 1 && !folder.hasBlanks && folder.items[index].followsDash
            && (folder.items[index - 1].isYear || folder.items[index - 1].entry.kinds.contains(.strong))
    }

    /// Returns whether a part has a word about the copy, beside which labels and places of pressings stand. Unknown words
    /// beside "edition" name the edition.
    private func isAboutCopy(_ part: Range<Int>) -> Bool {
        if folder.isCatalogueNumber(part) { return true }
        return part.contains {
            folder.items[$0].entry.kinds.contains(.strong) && !folder.items[$0].entry.kinds.contains(.edition)
                || TechnicalWord.isCatalogueNumber(folder.letters[folder.items[$0].range])
                || folder.isCatalogueNumber($0)
        }
    }

    /// The number of names of the wanted version. That of the artist counts only beside a word for a version.
    var qualifierNames: Int {
        folder.items.indices.count { index in
            guard recording.qualifierNames.contains(folder.items[index].id) else { return false }
            let part = folder.wholePart(of: index)
            if folder.items[index].isYear { return folder.isYearOfVersion(part) }
            return !recording.artistWords.contains(folder.items[index].id) || part.contains(where: folder.namesVersion)
        }
    }

    /// Whether a part names a wanted performer and has several unknown words, as the names of others.
    var hasOtherPerformers: Bool {
        let wanted = WordSet(recording.artists.dropFirst().flatMap(\.words.ids))
        var start = 0
        while start < folder.count {
            let part = folder.part(from: start)
            let namesWanted = part.contains { wanted.contains(folder.items[$0].id) }
            if namesWanted, part.count(where: { !isKnown($0) }) > 1 { return true }
            start = part.upperBound
        }
        return false
    }
}
