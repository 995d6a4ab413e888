// Typecheck holds the ValidatingAdmissionPolicies of an API server against the types of what they match, as
// kube-controller-manager does, and prints what its status would warn of. KUBECONFIG names the server.
// Exit 0: no warning, 1: warnings, 2: it could not be done.
package main

import (
	"context"
	"fmt"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// cached asks a server for each schema once: most policies match the same few kinds.
type cached struct {
	resolver.SchemaResolver
	known map[schema.GroupVersionKind]*spec.Schema
}

func (c cached) ResolveSchema(gvk schema.GroupVersionKind) (*spec.Schema, error) {
	if s, ok := c.known[gvk]; ok {
		return s, nil
	}
	s, err := c.SchemaResolver.ResolveSchema(gvk)
	if err == nil {
		c.known[gvk] = s
	}
	return s, err
}

func run() (int, error) {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return 0, err
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return 0, err
	}
	resources, err := restmapper.GetAPIGroupResources(client.Discovery())
	if err != nil {
		return 0, err
	}
	checker := &validating.TypeChecker{
		SchemaResolver: cached{&resolver.ClientDiscoveryResolver{Discovery: client.Discovery()}, map[schema.GroupVersionKind]*spec.Schema{}},
		RestMapper:     restmapper.NewDiscoveryRESTMapper(resources),
	}
	policies, err := client.AdmissionregistrationV1().ValidatingAdmissionPolicies().List(context.Background(), metav1.ListOptions{})
	if err != nil {
		return 0, err
	}
	warnings := 0
	for i := range policies.Items {
		for _, w := range checker.Check(&policies.Items[i]) {
			fmt.Printf("%s: %s: %s\n", policies.Items[i].Name, w.FieldRef, w.Warning)
			warnings++
		}
	}
	fmt.Printf("typecheck: %d policies, %d warnings\n", len(policies.Items), warnings)
	return warnings, nil
}

func main() {
	warnings, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "typecheck:", err)
		os.Exit(2)
	}
	if warnings > 0 {
		os.Exit(1)
	}
}
