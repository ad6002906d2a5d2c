package scene

// primaryForms are the forms of documents that start at the railway, and of the client's answers.
const primaryForms = `
{{define "root"}} xmlns="urn:asugate:1" ID="d1" Format="1.0" Version="{{.Version}}"{{with .Environment}} Environment="{{.}}"{{end}}>
  <Header>
    <DocumentID>{{.DocumentID}}</DocumentID>
    <CreatedAt>{{time .CreatedAt}}</CreatedAt>
    <Sender>{{.Sender}}</Sender>{{end}}
{{define "of the railway"}}{{template "root" .}}
    <Organisation inn="7708503727"/>
    <Receiver>{{.Receiver}}</Receiver>
  </Header>{{end}}
{{define "Memo"}}<Memo{{template "of the railway" .}}
{{.Data}}</Memo>
{{end}}
{{define "Act"}}<Act{{template "of the railway" .}}
{{.Data}}</Act>
{{end}}
{{define "Answer"}}<{{.Kind}}{{template "root" .}}
    <Organisation inn="7707083893" kpp="770801001"/>
    <Receiver>{{.Receiver}}</Receiver>
  </Header>
  <Document DocumentID="{{.Of.DocumentID}}" Version="{{.Of.Version}}" SHA256="{{.Of.SHA256}}"/>
{{range .Disagreements}}  <Disagreement{{with .Graph}} graph="{{.}}"{{end}}{{with .Wagon}} wagon="{{.}}"{{end}}>{{x .Text}}</Disagreement>
{{end}}  <Signatory {{template "person" .Signatory}}</Signatory>
</{{.Kind}}>
{{end}}
{{define "StateReport"}}<StateReport{{template "of the railway" .}}
  <Document DocumentID="{{.Of}}"{{with .OfVersion}} Version="{{.}}"{{end}}/>
  <State{{with .StateID}} id="{{.}}"{{end}}>{{.State}}</State>
  <At>{{time .CreatedAt}}</At>
{{with .Reason}}  <Reason>{{x .}}</Reason>
{{end}}</StateReport>
{{end}}
{{define "Movements"}}<Movements{{template "of the railway" .}}
  <Station station="{{.Station}}"/>
{{range .Rows}}  <Movement wagon="{{.Wagon}}" operation="{{.Operation}}"
    {{- with .Ownership}} ownership="{{.}}"{{end}}{{with .CargoOp}} cargoOp="{{.}}"{{end}}>{{time .At}}</Movement>
{{end}}</Movements>
{{end}}`
